/** One thing that a live client is told. */
export interface Frame {
  type: string
  data: Record<string, unknown>
  /** RFC 3339 */
  timestamp: string
  /** From where a client that comes again goes on; null for what is not kept. */
  id: number | null
}

/** A frame and its text, written once for however many clients. */
export interface Written {
  frame: Frame
  text: string
  bytes: Buffer
}

/** Something that is not kept, or was kept under `id` at `timestamp`. */
export function write(
  type: string,
  data: Record<string, unknown>,
  { id = null, timestamp = new Date().toISOString() }: Partial<Pick<Frame, 'id' | 'timestamp'>> = {},
): Written {
  const frame = { type, data, timestamp, id }
  const text = JSON.stringify(frame)
  return { frame, text, bytes: Buffer.from(text) }
}
