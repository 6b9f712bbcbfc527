/** How a database is made; what is left out is the server's or the connected role's own. */
export interface CreateOptions {
  owner?: string
  encoding?: string
  template?: string
}

/** What `create` made or found. */
export interface DatabaseFacts {
  created: boolean
  owner: string
  encoding: string
}

/** Where a database is or could be, and what can be done with it as a whole. */
export interface DatabasePlace {
  /** What people call it. */
  readonly name: string
  /** Where it is: `host:port`, or a folder. */
  readonly at: string
  /**
   * Whether it is there. Looks before anything is destroyed, and changes nothing.
   * @throws OperatorError saying what it found, when it is there but not FastVue's or cannot be dropped now
   */
  look(): Promise<boolean>
  /** @throws OperatorError when the connected role may not create databases: what it dropped it could not make again */
  assertCreatable(): Promise<void>
  /** Makes it, empty. One that is there, or that somebody else makes at this moment, stays as it is. @throws OperatorError */
  create(options?: CreateOptions): Promise<DatabaseFacts>
  /** Removes it with everything in it, after another `look`. @returns whether it was there. @throws OperatorError */
  drop(): Promise<boolean>
}
