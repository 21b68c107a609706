import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { stopper } from './stopper.ts'

const log = pino({ level: 'silent' })

describe('stopper', () => {
  it('stops in the opposite order, goes on after a failure, and waits for none too long', async () => {
    const stopped: string[] = []
    const stops = stopper(log, 50)
    stops.add('first', () => stopped.push('first'))
    stops.add('stuck', () => new Promise(() => stopped.push('stuck')))
    stops.add('broken', () => {
      stopped.push('broken')
      throw new Error('broken')
    })
    stops.add('last', async () => stopped.push('last'))
    await stops.stopAll()
    await stops.stopAll()
    expect(stopped).toEqual(['last', 'broken', 'stuck', 'first'])
  })
})
