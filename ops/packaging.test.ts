import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { loadConfig, parseConfig } from '@teahouse/nodes'
import { healthRoutes } from '../nodes/src/http/routes/health.ts'
import { metricsRoutes } from '../nodes/src/http/routes/metrics.ts'

const HERE = import.meta.dirname
const read = (path: string) => readFileSync(join(HERE, path), 'utf8')

/** Parsed files are trees without a type of their own; a test says what it expects of them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Tree = any

const compose: Tree = parse(read('compose.yaml'))
const groups = readdirSync(join(HERE, 'kubernetes')).filter((file) => file.startsWith('shards'))
const manifests: Tree[] = readdirSync(join(HERE, 'kubernetes')).flatMap((file) =>
  parseAllDocuments(read(`kubernetes/${file}`)).map((document) => {
    expect(document.errors, file).toEqual([])
    return document.toJS()
  }),
)
const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind)
const routes = [
  ...healthRoutes(() => ({ status: 'ok', problems: [] })),
  ...metricsRoutes(() => Promise.resolve('')),
].map(({ path }) => path)
const configs = [
  { of: 'node.json', text: read('node.json') },
  ...ofKind('ConfigMap').map(({ metadata, data }) => ({ of: metadata.name, text: data['node.json'] })),
]
/** Instructions of a Dockerfile, lines that continue joined. */
const docker = read('Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter(Boolean)
  .map((line) => /^([A-Z]+)\s+(.*)$/.exec(line)!.slice(1, 3) as [string, string])
const COMMAND = ['node', 'run', '--config', '/config/node.json']

describe('configurations', () => {
  it.each(configs)('$of is one that a node takes, key by key', ({ text }) => {
    const config = parseConfig(JSON.parse(text))
    expect(config.dataDir).toBe('/data')
    expect(config.rpcUrls.length).toBeGreaterThanOrEqual(3)
    expect(config.api.token).toBeUndefined()
  })

  it.each(['TEAHOUSE_API__TOKEN', 'TEAHOUSE_KEY_FILE'])(
    '%s is a variable that a node reads',
    async (name) => {
      const file = join(mkdtempSync(join(tmpdir(), 'ops-')), 'node.json')
      writeFileSync(file, read('node.json'))
      const given = '/of/the/environment/'.padEnd(43, 'x')
      expect(inspect(await loadConfig(file, { [name]: given }), { depth: 3 })).toContain(given)
      const used = [
        read('compose.yaml'),
        read('systemd/teahouse-node.service'),
        read(`kubernetes/${groups[0]}`),
      ]
      expect(used.some((text) => text.includes(name))).toBe(true)
    },
  )
})

describe('the command', () => {
  it('that they run is one, with the options that they give', () => {
    const help = execFileSync(process.execPath, [join(HERE, '../cli/src/main.ts'), 'node', 'run', '--help'], {
      encoding: 'utf8',
    })
    expect(help).toContain('--config')
    expect(JSON.parse(docker.findLast(([name]) => name === 'CMD')![1])).toEqual(COMMAND)
    for (const { spec } of ofKind('StatefulSet'))
      expect(spec.template.spec.containers[0].args).toEqual(COMMAND)
    expect(read('systemd/teahouse-node.service')).toMatch(
      /^ExecStart=\/usr\/bin\/teahouse node run --config /m,
    )
  })
})

describe('the image', () => {
  const stages = docker.filter(([name]) => name === 'FROM')
  const last = docker.slice(docker.lastIndexOf(stages.at(-1)))

  it('is built in one stage and run in another, which has no shell, npm or compiler', () => {
    expect(stages).toHaveLength(2)
    expect(stages[1]![1]).toMatch(/distroless/)
    expect(last.map(([name]) => name)).not.toContain('RUN')
  })

  it('runs as nobody in particular, and says how it is', () => {
    expect(last.find(([name]) => name === 'USER')![1]).toBe('10001:10001')
    const health = last.find(([name]) => name === 'HEALTHCHECK')![1]
    expect(routes).toContain(/127\.0\.0\.1:8645(\/[a-z/]+)/.exec(health)![1])
  })

  it('pins what it stands on, and takes no secret along', () => {
    for (const [, from] of stages) expect(from).not.toMatch(/:latest|^[^:]+( AS .*)?$/)
    const ignored = read('Dockerfile.dockerignore').split('\n')
    for (const path of ['.git', '.teahouse', '**/node_modules', '**/*.key', '**/.env*'])
      expect(ignored).toContain(path)
  })
})

describe('compose', () => {
  it('has the node, its database, Prometheus and Grafana, none of which may write or rise', () => {
    expect(Object.keys(compose.services)).toEqual(['node', 'postgres', 'prometheus', 'grafana'])
    for (const [name, service] of Object.entries<Tree>(compose.services)) {
      expect(service.read_only, name).toBe(true)
      expect(service.cap_drop, name).toEqual(['ALL'])
      expect(service.security_opt, name).toContain('no-new-privileges:true')
      expect(service.image, name).not.toMatch(/latest/)
      expect(String(service.user ?? '1'), name).not.toMatch(/^0|root/)
    }
  })

  it('opens nothing to others but the ports of the network', () => {
    const open = Object.values<Tree>(compose.services)
      .flatMap(({ ports = [] }) => ports as string[])
      .filter((port) => !port.startsWith('127.0.0.1:'))
    expect(open).toEqual(['30303:30303/tcp', '30304:30304/tcp', '30305:30305/udp'])
  })

  it('mounts files and volumes that there are', () => {
    const mounts = Object.values<Tree>(compose.services).flatMap(({ volumes = [] }) => volumes as string[])
    for (const mount of mounts) {
      const [source = ''] = mount.split(':')
      if (!source.startsWith('./')) expect(Object.keys(compose.volumes)).toContain(source)
      else if (source !== './secrets/node.key') expect(() => readdirOrFile(source), mount).not.toThrow()
    }
  })

  it('has Prometheus scrape a route that there is', () => {
    const { scrape_configs: jobs, rule_files: files } = parse(read('prometheus/prometheus.yml'))
    expect(routes).toContain(jobs[0].metrics_path)
    expect(jobs[0].static_configs[0].targets).toEqual(['node:8645'])
    for (const file of files) expect(read(`prometheus/${file}`)).toContain('groups:')
  })
})

function readdirOrFile(path: string): void {
  try {
    readdirSync(join(HERE, path))
  } catch {
    read(path)
  }
}

describe('Kubernetes', () => {
  it('has a StatefulSet for each group of shards, which together are all shards once', () => {
    expect(ofKind('StatefulSet').map(({ metadata }) => `${metadata.name}.yaml`)).toEqual(groups)
    const shards = ofKind('ConfigMap').flatMap(
      ({ data }) => JSON.parse(data['node.json']).relayShards as number[],
    )
    expect(shards).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it.each(ofKind('StatefulSet'))(
    '$metadata.name runs without rights, with probes of routes that there are',
    ({ spec }) => {
      const { securityContext: pod, containers, automountServiceAccountToken: hasToken } = spec.template.spec
      const [node] = containers
      expect(pod).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 10001,
        seccompProfile: { type: 'RuntimeDefault' },
      })
      expect(node.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
      expect(hasToken).toBe(false)
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
        expect(routes, probe).toContain(node[probe].httpGet.path)
        expect(node.ports.map(({ name }: Tree) => name)).toContain(node[probe].httpGet.port)
      }
      expect(node.resources.limits.memory).toBe('1Gi')
      const claimed = [
        ...spec.template.spec.volumes,
        ...spec.volumeClaimTemplates.map(({ metadata }: Tree) => metadata),
      ]
      for (const { name } of node.volumeMounts)
        expect(claimed.map((volume: Tree) => volume.name)).toContain(name)
    },
  )

  it('selects by labels that its pods have', () => {
    const pods = ofKind('StatefulSet').map(
      ({ spec }) => spec.template.metadata.labels as Record<string, string>,
    )
    const selectors = [
      ...ofKind('Service').map(({ spec }) => spec.selector),
      ...ofKind('PodDisruptionBudget').map(({ spec }) => spec.selector.matchLabels),
      ...ofKind('NetworkPolicy').map(({ spec }) => spec.podSelector.matchLabels),
      ...ofKind('StatefulSet').map(({ spec }) => spec.selector.matchLabels),
    ]
    for (const selector of selectors)
      expect(
        pods.some((labels) =>
          Object.entries(selector as object).every(([key, value]) => labels[key] === value),
        ),
      ).toBe(true)
    expect(ofKind('PodDisruptionBudget')[0].spec.maxUnavailable).toBe(1)
  })

  it('lets nobody but Prometheus reach the API', () => {
    const [{ spec }] = ofKind('NetworkPolicy')
    const toApi = spec.ingress.filter(({ ports }: Tree) => ports.some(({ port }: Tree) => port === 8645))
    expect(toApi).toHaveLength(1)
    expect(toApi[0].from).toEqual([
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } },
    ])
    for (const { spec: service } of ofKind('Service'))
      expect(service.ports.map(({ port }: Tree) => port)).not.toContain(8645)
  })
})

describe('the systemd unit', () => {
  const unit = read('systemd/teahouse-node.service')

  it('runs without rights and sees nothing but its own folder', () => {
    for (const line of [
      'DynamicUser=yes',
      'NoNewPrivileges=yes',
      'ProtectSystem=strict',
      'CapabilityBoundingSet=',
      'PrivateDevices=yes',
    ])
      expect(unit.split('\n')).toContain(line)
    expect(unit).not.toMatch(/^User=root/m)
  })

  it.skipIf(spawnSync('systemd-analyze', ['--version']).error !== undefined)(
    'is one that systemd takes (skipped without it)',
    () => {
      const file = join(mkdtempSync(join(tmpdir(), 'ops-')), 'teahouse-node.service')
      writeFileSync(file, unit.replace('/usr/bin/teahouse', '/bin/true'))
      const { stderr, stdout } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
      expect(`${stdout}${stderr}`.split('\n').filter((line) => line.includes('teahouse-node'))).toEqual([])
    },
  )
})
