/** Puts blobs until it is killed, and says each root once it is acknowledged. Usage: put-main.ts FOLDER */
import { content, DAY, NOW, openStoreIn, rootOf } from './blobs.ts'

const { store } = openStoreIn(process.argv[2]!)
for (let seed = 0; ; seed += 4) {
  await Promise.all(
    [0, 1, 2, 3].map(async (more) => {
      const data = content(seed + more, 60_000)
      await store.keep(rootOf(data), { until: NOW + DAY }, data)
      process.stdout.write(`${seed + more}\n`)
    }),
  )
}
