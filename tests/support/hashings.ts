import { createHook } from 'node:async_hooks'

// What argon2's library calls the work that it gives to libuv's threads: nothing.
const NATIVE_WORK = 'undefined'

/** How often a password was hashed, to keep it or to compare it, while `work` ran. */
export async function countHashings(work: () => PromiseLike<unknown>): Promise<number> {
  let hashings = 0
  const hook = createHook({ init: (_id, type) => void (type === NATIVE_WORK && hashings++) }).enable()
  try {
    await work()
  } finally {
    hook.disable()
  }
  return hashings
}
