import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fairQueue } from './fair-queue.ts'

const queueOf = (text: string, limits = { maxPerSource: 100, maxTotal: 100 }) => {
  const queue = fairQueue<string>(limits)
  const dropped = [...text].map((source, at) => queue.add(source, `${source}${at}`))
  return { queue, dropped }
}

describe('the fair queue', () => {
  it('serves sources in turns, and each in its order', () => {
    const { queue } = queueOf('aaaabbc')
    expect(queue.take(5)).toEqual(['a0', 'b4', 'c6', 'a1', 'b5'])
    expect(queue.take(5)).toEqual(['a2', 'a3'])
    expect(queue.size).toBe(0)
  })

  it('goes on with who was not served last time', () => {
    const { queue } = queueOf('aabbcc')
    expect(queue.take(2)).toEqual(['a0', 'b2'])
    expect(queue.take(2)).toEqual(['c4', 'a1'])
  })

  it('takes only of the sources that are asked for', () => {
    const { queue } = queueOf('aabbc')
    expect(queue.take(9, (source) => source === 'b')).toEqual(['b2', 'b3'])
    expect(queue.has((source) => source === 'b')).toBe(false)
    expect(queue.has((source) => source === 'c')).toBe(true)
    expect(queue.size).toBe(3)
  })

  it('forgets a source', () => {
    const { queue } = queueOf('abab')
    expect(queue.drop('a')).toEqual(['a0', 'a2'])
    expect(queue.drop('a')).toEqual([])
    expect(queue.size).toBe(2)
  })

  it('gives everything back at the end', () => {
    const { queue } = queueOf('aba')
    expect(queue.drain().sort()).toEqual(['a0', 'a2', 'b1'])
    expect(queue.size).toBe(0)
  })
})

describe('when it is full', () => {
  it('refuses what is over the share of its source', () => {
    const { queue, dropped } = queueOf('aaab', { maxPerSource: 2, maxTotal: 9 })
    expect(dropped).toEqual([undefined, undefined, 'a2', undefined])
    expect(queue.size).toBe(3)
  })

  it('drops the newest of the longest row for who has less waiting', () => {
    const { queue, dropped } = queueOf('aaab', { maxPerSource: 9, maxTotal: 3 })
    expect(dropped).toEqual([undefined, undefined, undefined, 'a2'])
    expect(queue.take(9)).toEqual(['a0', 'b3', 'a1'])
  })

  it('refuses who would only change places with another', () => {
    const { dropped } = queueOf('abc', { maxPerSource: 9, maxTotal: 2 })
    expect(dropped).toEqual([undefined, undefined, 'c2'])
  })

  it('never loses or doubles an item, nor exceeds a limit', () => {
    const step = fc.oneof(
      fc.record({ add: fc.constantFrom('a', 'b', 'c', 'd') }),
      fc.record({ take: fc.nat(4) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const queue = fairQueue<number>({ maxPerSource: 4, maxTotal: 9 })
        const out: number[] = []
        let added = 0
        for (const action of steps) {
          if ('take' in action) out.push(...queue.take(action.take))
          else {
            const dropped = queue.add(action.add, added++)
            if (dropped !== undefined) out.push(dropped)
          }
          expect(queue.size).toBeLessThanOrEqual(9)
        }
        out.push(...queue.drain())
        expect(out.sort((x, y) => x - y)).toEqual(Array.from({ length: added }, (_, at) => at))
      }),
    )
  })
})
