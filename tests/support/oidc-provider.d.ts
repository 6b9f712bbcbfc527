declare module 'oidc-provider/lib/adapters/memory_adapter.js' {
  import type { AdapterConstructor } from 'oidc-provider'

  /** What the server takes by default, with a warning each time. */
  export function createMemoryAdapter(clockToleranceSeconds: number): AdapterConstructor
}
