// A process of its own on an embedded database's folder. Takes instructions as JSON lines, answers each with one.
// Usage: node visitor-process.ts own|visit FOLDER
import { createInterface } from 'node:readline'
import { openEmbedded, openOrReachEmbedded } from '../../app/db/embedded.ts'
import { UnitOfWork } from '../../app/db/session.ts'

const [how, folder = ''] = process.argv.slice(2)
const answer = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

try {
  const engine = await (how === 'own' ? openEmbedded(folder) : openOrReachEmbedded(folder))
  answer({ rows: [engine.label] })
  let unit: UnitOfWork | undefined
  for await (const line of createInterface({ input: process.stdin })) {
    const { begin, sql, end } = JSON.parse(line) as { begin?: number; sql?: string; end?: 'commit' | 'rollback' }
    try {
      if (begin !== undefined) unit = new UnitOfWork(engine, { role: 'fastvue_app', company_id: begin })
      const result = sql === undefined ? undefined : await unit?.query({ text: sql })
      if (end) await unit?.[end]()
      answer({ rows: result?.rows ?? [] })
    } catch (error) {
      answer({ error: String(error) })
    }
  }
  await engine.close()
} catch (error) {
  answer({ error: String(error) })
}
