import { afterEach, expect, test, vi } from 'vitest'
import { FloodGate } from '../../app/core/flood-gate.ts'

afterEach(() => void vi.useRealTimers())

test('a flood gate lets one of a kind through in a period, and says how many it left out', () => {
  const gate = new FloodGate(60, 2)
  expect([0, 1, 59].map((now) => gate.take('a', now))).toEqual([0, undefined, undefined])
  expect(gate.take('b', 59)).toBe(0)
  expect(gate.take('a', 60)).toBe(2)
})

test('a clock that is set back keeps no flood gate shut', () => {
  const gate = new FloodGate(0, 2)
  vi.useFakeTimers({ toFake: ['Date'] })
  expect(gate.take('a')).toBe(0)
  vi.setSystemTime(Date.now() - 86_400_000)
  expect(gate.take('a')).toBe(0)
})
