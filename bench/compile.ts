/**
 * What compiling a mesh costs, encoding included: `npm run bench -- compile [--scope upstreams|all] [--changes N] [--json FILE]`. 5,000
 * services, 20,000 workloads and 2,000 policies, for 1,000 proxies in 50 classes: from nothing, then after changes of one policy and of one
 * endpoint. CPU time of this process; the objects are in memory, as the store hands them out. `upstreams`: each class calls 100 services by
 * name; `all`: each proxy has a forward proxy, and so may call every service.
 */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { Compiler } from '@weft/compile/incremental';
import { SnapshotEncoder } from '@weft/control/xds/snapshot';
import { envoyEncoders } from '@weft/control/xds/encoders';
import { type Assembly, assemble, type Proxy, type WorkloadLiveness } from '@weft/core/mesh-view';
import { sidecarOf } from '@weft/core/mesh-view/testing';
import type { ProxyConfig } from '@weft/core/proxy-config';
import { admitObject, type StoredObject } from '@weft/core/resources';

const { values: flags } = parseArgs({
  options: {
    scope: { type: 'string', default: 'upstreams' },
    changes: { type: 'string', default: '10' },
    json: { type: 'string' },
  },
});

const NAMESPACES = 50;
const SERVICES_EACH = 100;
const WORKLOADS_EACH = 4;
const PROXIES_EACH = 20;
const UPSTREAMS = 100;

const place = (index: number): readonly [namespace: string, name: string] => [
  `ns-${Math.floor(index / SERVICES_EACH)}`,
  `service-${index % SERVICES_EACH}`,
];

let uid = 0;
function stored(text: Readonly<Record<string, unknown>>): StoredObject {
  const { object, diagnostics } = admitObject(text);
  if (object === undefined) throw new Error(JSON.stringify(diagnostics));
  return {
    ...object,
    metadata: {
      ...object.metadata,
      uid: `uid-${(uid += 1)}`,
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: new Date(1_790_000_000_000 + uid * 1000).toISOString(),
    },
  };
}

const policy = (kind: string, [namespace, name]: readonly [string, string], spec: object): StoredObject =>
  stored({
    apiVersion: 'weft.dev/v1alpha1',
    kind,
    metadata: { name, namespace },
    spec: { targetRefs: [{ kind: 'Service', name }], ...spec },
  });

function objects(): StoredObject[] {
  const made: StoredObject[] = [];
  for (let index = 0; index < NAMESPACES; index += 1)
    made.push(stored({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: `ns-${index}` } }));
  for (let index = 0; index < NAMESPACES * SERVICES_EACH; index += 1) {
    const [namespace, name] = place(index);
    const metadata = { name, namespace };
    const ports = [{ name: 'http', port: 80, targetPort: 8080, appProtocol: 'http' }];
    made.push(stored({ apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app: name }, ports } }));
    for (let each = 0; each < WORKLOADS_EACH; each += 1)
      made.push(
        stored({
          apiVersion: 'weft.dev/v1alpha1',
          kind: 'Workload',
          metadata: { name: `${name}-${each}`, namespace, labels: { app: name } },
          spec: {
            account: name,
            addresses: [{ ip: `10.${each}.${index >> 8}.${index & 255}` }],
            ports: [{ name: 'http', port: 8080, protocol: 'http', proxyPort: 15_001 }],
          },
        }),
      );
  }
  const caller = [{ from: [{ accounts: ['service-1', 'service-2'] }], to: [{ methods: ['GET'], paths: ['/api/*'] }] }];
  for (let index = 0; index < 1000; index += 1) made.push(policy('AccessPolicy', place(index * 5), { rules: caller }));
  for (let index = 0; index < 600; index += 1)
    made.push(policy('TrafficPolicy', place(index * 8 + 1), { timeouts: { request: '3s' }, retries: { attempts: 2 } }));
  for (let index = 0; index < 200; index += 1)
    made.push(policy('RateLimit', place(index * 25 + 2), { local: { requests: 100, per: '1s' } }));
  for (let index = 0; index < 200; index += 1)
    made.push(policy('Fault', place(index * 25 + 3), { faults: [{ delay: { duration: '1s', percent: 1 } }] }));
  return made;
}

function proxies(): Proxy[] {
  const all = flags.scope === 'all';
  return Array.from({ length: NAMESPACES * PROXIES_EACH }, (_, index) => {
    const [own, each] = [index % NAMESPACES, Math.floor(index / NAMESPACES)];
    const upstreams = Array.from({ length: all ? 0 : UPSTREAMS }, (_each, at) => {
      const [namespace, name] = place((own * SERVICES_EACH + at * 37) % (NAMESPACES * SERVICES_EACH));
      return { service: `${namespace}/${name}`, port: undefined, localPort: 20_000 + at };
    });
    return sidecarOf(`ns-${own}/service-${each}-0`, { upstreams, httpProxyPort: all ? 3128 : 0 });
  });
}

const list = objects();
const clients = proxies();
const liveness: WorkloadLiveness = new Map();
const compiler = new Compiler();
const encoder = new SnapshotEncoder(envoyEncoders);
const before = new Map<Proxy, ProxyConfig>();
let assembly: Assembly | undefined;

interface Turn {
  readonly assemble: number;
  readonly compile: number;
  readonly encode: number;
  readonly sum: number;
  /** Proxies whose configuration is another. */
  readonly touched: number;
}

const cpu = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};

/** ms of CPU time. */
function turn(): Turn {
  const began = process.cpuUsage();
  assembly = assemble(list, liveness, assembly);
  const view = assembly.views.get('default');
  if (view === undefined) throw new Error('no mesh');
  const assembled = cpu(began);
  compiler.update(view);
  const configs = clients.map((proxy) => compiler.compile(proxy).config);
  compiler.sweep();
  const compiled = cpu(began);
  let touched = 0;
  for (const [index, proxy] of clients.entries()) {
    const config = configs[index];
    if (config === undefined || config === before.get(proxy)) continue;
    touched += 1;
    encoder.snapshot(config, proxy.engine, before.get(proxy));
    before.set(proxy, config);
  }
  const encoded = cpu(began);
  return { assemble: assembled, compile: compiled - assembled, encode: encoded - compiled, sum: encoded, touched };
}

const shown = ({ assemble: a, compile: c, encode: e, sum, touched }: Turn): string =>
  `${sum.toFixed(0).padStart(6)} ms CPU = assemble ${a.toFixed(0)} + compile ${c.toFixed(0)} + encode ${e.toFixed(0)}; ${touched} proxies touched`;

const report: Record<string, unknown> = { scope: flags.scope, objects: list.length, proxies: clients.length };
const say = (what: string, turns: readonly Turn[]): void => {
  const middle = turns.toSorted((a, b) => a.sum - b.sum)[Math.floor(turns.length / 2)];
  if (middle === undefined) return;
  process.stdout.write(`${what.padEnd(34)} ${shown(middle)}\n`);
  report[what] = middle;
};

process.stdout.write(
  `${list.length} objects, ${clients.length} proxies in ${NAMESPACES} classes, scope ${flags.scope}\n`,
);
say('from nothing', [turn()]);
say('nothing changed', [turn(), turn(), turn()]);

function changed(kind: string, change: (object: StoredObject, round: number) => StoredObject): Turn[] {
  const at = list.findIndex((object) => object.kind === kind);
  return Array.from({ length: Number(flags.changes) }, (_, round) => {
    const object = list[at];
    if (object !== undefined) list[at] = change(object, round);
    return turn();
  });
}

const withSpec = (object: StoredObject, spec: object): StoredObject => ({
  ...object,
  spec: { ...(object.spec as object), ...spec },
});
say(
  'one AccessPolicy (one service)',
  changed('AccessPolicy', (object, round) =>
    withSpec(object, { rules: [{ from: [{ accounts: [`service-${round}`] }] }] }),
  ),
);
say(
  'one TrafficPolicy (one service)',
  changed('TrafficPolicy', (object, round) => withSpec(object, { timeouts: { request: `${round + 4}s` } })),
);
say(
  'one Workload’s address',
  changed('Workload', (object, round) => withSpec(object, { addresses: [{ ip: `10.9.9.${round + 1}`, network: '' }] })),
);
process.stdout.write(
  `recomputed since the start: ${[...compiler.computed].map(([name, count]) => `${name} ${count}`).join(', ')}\n`,
);
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(report, undefined, 2)}\n`);
