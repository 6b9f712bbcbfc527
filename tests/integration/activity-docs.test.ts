import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ActivityCategory, ActivityLevel } from '../../app/models/activity-log.ts'
import { ActivityLog } from '../../app/services/activity/activity-log.ts'
import { logActivity } from '../../app/services/activity/log-activity.ts'
import { products } from '../../app/models/index.ts'
import { RISK, SUSPICIOUS } from '../../app/services/activity/risk.ts'
import { ProductService } from '../../app/services/product.ts'
import { newProduct } from '../support/caller.ts'
import { describe, expect, test } from '../support/fixtures.ts'

const text = readFileSync(resolve(import.meta.dirname, '../../docs/activity.md'), 'utf8')
const blockOf = (fence: string) => text.split(`\`\`\`${fence}\n`)[1]?.split('```')[0] ?? ''

describe('docs/activity.md', () => {
  test('has every reason with its points, the bound, and all categories and levels', () => {
    const rows = [...text.matchAll(/^\| `(\w+)` +\| (\d+) +\|/gm)].map(([, reason, points]) => [reason, Number(points)])
    expect(Object.fromEntries(rows)).toEqual(RISK)
    expect(text).toContain(`from ${SUSPICIOUS} on`)
    for (const word of [...Object.values(ActivityCategory), ...Object.values(ActivityLevel)])
      expect(text).toContain(`\`${word}\``)
  })

  test('has an example that works', async ({ workAs, testUser }) => {
    const names = ['ActivityLog', 'ActivityCategory', 'ActivityLevel', 'logActivity', 'products', 'ctx', 'product']
    const body = `return (async () => { ${blockOf('ts')}; return { logs, own } })()`
    // oxlint-disable-next-line no-implied-eval, no-new-func -- the documentation's own code
    const example = new Function(...names, body) as (...values: unknown[]) => Promise<unknown>
    await workAs(testUser, async (ctx) => {
      const product = await new ProductService(ctx).create(newProduct)
      const found = await example(ActivityLog, ActivityCategory, ActivityLevel, logActivity, products, ctx, product)
      const entry = expect.objectContaining({ action: 'approve', entity_name: 'Anvil' })
      const archived = expect.objectContaining({ action: 'archive', entity_type: 'products', entity_name: 'Anvil' })
      expect(found).toEqual({ logs: expect.arrayContaining([entry]), own: expect.arrayContaining([entry, archived]) })
    })
  })

  test('has requests that are answered', async ({ as, adminUser }) => {
    const paths = [...blockOf('http').matchAll(/^GET \/api\/v1(\S+)$/gm)].map(([, path = '']) => path)
    expect(paths).toHaveLength(3)
    for (const path of paths) expect((await as(adminUser).get(path)).statusCode).toBe(200)
  })
})
