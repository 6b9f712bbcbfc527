declare module 'pg' {
  interface Client {
    /** Which of the server's processes this connection was given (BackendKeyData); its types leave it out. */
    processID: number
  }
}

export {} // adds to the module instead of replacing it
