import { describe, expect, it } from 'vitest'
import { backupPlaces, backupTopic } from './topics.ts'

const DAY = 86_400
const KEY = new Uint8Array(32).fill(7)
const NOW = 1_800_000_000

describe('the topic of an account’s backups', () => {
  it('is a bucket of 512, the same all through a period of eight days', () => {
    const begun = Math.floor(NOW / (8 * DAY)) * 8 * DAY
    const topics = [0, DAY, 8 * DAY - 1].map((after) => backupTopic(KEY, begun + after))
    expect(new Set(topics).size).toBe(1)
    expect(topics[0]).toMatch(/^\/d[0-9a-f]{1,3}\/9\/m\/bin$/)
  })

  it('has nothing to do with those of other periods and other accounts', () => {
    const topics = Array.from({ length: 64 }, (_, at) => backupTopic(KEY, NOW + at * 8 * DAY))
    expect(new Set(topics).size).toBeGreaterThan(50)
    const others = Array.from({ length: 64 }, (_, at) => backupTopic(new Uint8Array(32).fill(at + 8), NOW))
    expect(new Set(others).size).toBeGreaterThan(50)
  })

  it('is looked for on every topic of the last 30 days, the newest first, and in no older message', () => {
    for (let now = NOW; now < NOW + 9 * DAY; now += 7_919) {
      const places = backupPlaces(KEY, now)
      for (let ago = 0; ago <= 30 * DAY; ago += 3_571) {
        const topic = backupTopic(KEY, now - ago)
        expect(places.find(({ contentTopic }) => contentTopic === topic)!.since).toBeLessThanOrEqual(
          now - ago,
        )
      }
      expect(places.length).toBeLessThanOrEqual(5)
      expect(places[0]!.contentTopic).toBe(backupTopic(KEY, now))
      expect(Math.min(...places.map(({ since }) => since))).toBe(now - 30 * DAY)
    }
  })
})
