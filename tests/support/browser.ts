/** A browser as far as redirects and cookies go: cookies by origin and path, nothing else of theirs. */
export class Browser {
  readonly #jar: { origin: string; name: string; path: string; value: string }[] = []

  /** One request, as a person's browser makes it when they follow a link. */
  async get(url: string, headers: Record<string, string> = { accept: 'text/html' }): Promise<Response> {
    return this.send(url, { headers })
  }

  async send(url: string, init: RequestInit): Promise<Response> {
    const { origin, pathname } = new URL(url)
    const mine = this.#jar.filter((one) => one.origin === origin && pathname.startsWith(one.path))
    const headers = new Headers(init.headers)
    if (mine.length > 0) headers.set('cookie', mine.map(({ name, value }) => `${name}=${value}`).join('; '))
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const cookie of response.headers.getSetCookie()) this.#keep(origin, pathname, cookie)
    return response
  }

  /** Follows redirects until one leads to an address that begins with `goal`, and returns that address, not yet visited. */
  async walk(url: string, goal: string): Promise<string> {
    let here = url
    for (let steps = 0; steps < 10; steps++) {
      const response = await this.get(here)
      const location = response.headers.get('location')
      if (!location) throw new Error(`${here} answered ${response.status}: ${await response.text()}`)
      here = new URL(location, here).href
      if (here.startsWith(goal)) return here
    }
    throw new Error(`Led in circles by ${url}`)
  }

  #keep(origin: string, pathname: string, cookie: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
    const path = /; path=([^;]+)/i.exec(cookie)?.[1] ?? pathname
    const known = this.#jar.findIndex((one) => one.origin === origin && one.name === name && one.path === path)
    if (known >= 0) this.#jar.splice(known, 1)
    const gone = /; max-age=0/i.test(cookie) || Date.parse(/; expires=([^;]+)/i.exec(cookie)?.[1] ?? '') < Date.now()
    if (!gone) this.#jar.push({ origin, name, path, value })
  }
}
