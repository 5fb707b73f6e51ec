/**
 * Access logs as requests to ask about: JSON lines, as `weft logs -o json` and `weft tap -o json` write them, or as Envoy does by a `json_format`
 * with Istio's names of fields. Lines that fare alike are one request with a count, so that a long log is few questions.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Happened, Seen } from '@weft/compile/answers';
import { enteredIn } from './entered-in.ts';
import type { StoredObject } from '@weft/core/resources';
import { givenName, serviceOf } from '@weft/core/traffic';
import { CommandError } from '../errors.ts';
import { unreadableReason } from '../files/unreadable.ts';

export interface Replayed {
  readonly seen: readonly Seen[];
  readonly lines: number;
  /** Lines that are no request: number and why; at most FAULTS of them. */
  readonly faults: readonly { readonly line: number; readonly reason: string }[];
  readonly faulty: number;
}

export interface ReplayDefaults {
  /** Key of the caller of lines that name none. */
  readonly from: string | undefined;
  /** Where lines go that name no service. */
  readonly to: Happened['addressed'];
  readonly namespace: string;
}

const FAULTS = 20;
/** Characters of a line; different requests that are told apart. */
const LINE = 256 * 1024;
const REQUESTS = 200_000;

/** `file`: its path; `-` is standard input. */
export async function replayed(
  file: string,
  objects: readonly StoredObject[],
  defaults: ReplayDefaults,
): Promise<Replayed> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  const failed = new Promise<never>((_, reject) => {
    input.once('error', (error: unknown) =>
      reject(new CommandError(`--replay: ${file}: ${unreadableReason(error)}`, 'Name a file of JSON lines, or - .')),
    );
  });
  const reader = new LogReader(objects, defaults);
  const read = async (): Promise<void> => {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) reader.take(line);
  };
  await Promise.race([read(), failed]);
  return reader.result;
}

/** Names of one thing in the order that they are asked for. */
const FIELDS = {
  method: ['method', 'request_method', ':method'],
  path: ['path', 'original_path', 'x_envoy_original_path', 'request_path', ':path'],
  authority: ['authority', 'host', 'requested_host', ':authority'],
  identity: ['source_principal', 'downstream_peer_uri_san', 'peer_identity'],
  workload: ['caller', 'source_workload'],
  namespace: ['source_workload_namespace', 'source_namespace'],
  service: ['destination_service', 'service'],
  cluster: ['upstream_cluster'],
  route: ['route_name', 'route'],
  requestId: ['request_id', 'requestId', 'x_request_id'],
} as const;

type Line = Readonly<Record<string, unknown>>;

export class LogReader {
  readonly #defaults: ReplayDefaults;
  readonly #parents: ReadonlyMap<string, NonNullable<Happened['addressed']>>;
  readonly #services: ReadonlySet<string>;
  readonly #requests = new Map<string, { readonly happened: Happened; count: number; readonly example: string }>();
  readonly #faults: { line: number; reason: string }[] = [];
  #faulty = 0;
  #lines = 0;

  constructor(objects: readonly StoredObject[], defaults: ReplayDefaults) {
    this.#defaults = defaults;
    this.#parents = parentsOf(objects);
    this.#services = new Set(
      objects.flatMap(({ kind, metadata }) => (kind === 'Service' ? [`${metadata.namespace}/${metadata.name}`] : [])),
    );
  }

  get result(): Replayed {
    return {
      seen: [...this.#requests.values()],
      lines: this.#lines,
      faults: this.#faults,
      faulty: this.#faulty,
    };
  }

  take(text: string): void {
    this.#lines += 1;
    if (text.trim() === '') return;
    const happened = this.#read(text);
    if (typeof happened === 'string') {
      this.#faulty += 1;
      if (this.#faults.length < FAULTS) this.#faults.push({ line: this.#lines, reason: happened });
      return;
    }
    const key = JSON.stringify(happened);
    const known = this.#requests.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#requests.size < REQUESTS)
      this.#requests.set(key, { happened, count: 1, example: `line ${this.#lines}` });
    else {
      this.#faulty += 1;
      if (this.#faults.length < FAULTS)
        this.#faults.push({ line: this.#lines, reason: `more than ${REQUESTS} different requests: not looked at` });
    }
  }

  /** A text is what is wrong with it. */
  #read(text: string): Happened | string {
    if (text.length > LINE) return `longer than ${LINE} characters`;
    let line: Line;
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'no JSON object';
      line = value as Line;
    } catch {
      return 'not JSON: write the access log with a json_format, or with -o json';
    }
    const kind = line['kind'] === 'tcp' ? 'tcp' : 'http';
    const path = textOf(line, FIELDS.path);
    const method = textOf(line, FIELDS.method);
    if (kind === 'http' && (path === '' || method === ''))
      return `it has no ${method === '' ? `method (${FIELDS.method.join(', ')})` : `path (${FIELDS.path.join(', ')})`}`;
    const direction = line['direction'] === 'inbound' ? 'inbound' : 'outbound';
    const addressed = this.#addressed(line, direction);
    if (addressed === undefined)
      return `it names no service (${[...FIELDS.service, ...FIELDS.cluster, ...FIELDS.route].join(', ')}): say --to`;
    const caller = this.#caller(line, direction, addressed.gateway);
    if (typeof caller === 'string') return caller;
    return {
      ...caller,
      kind,
      addressed,
      method,
      path,
      authority: textOf(line, FIELDS.authority),
      headers: headersOf(line['headers']),
    };
  }

  #caller(
    line: Line,
    direction: 'inbound' | 'outbound',
    gateway: boolean,
  ): Pick<Happened, 'workload' | 'identity' | 'direction' | 'peer' | 'peerIdentity' | 'entered'> | string {
    // As a tap says it: the other side's identity is the caller's where the workload was called.
    const told =
      direction === 'inbound' ? textOf(line, ['identity', ...FIELDS.identity]) : textOf(line, FIELDS.identity);
    const identity = told.split(',')[0]?.trim() ?? '';
    if (direction === 'inbound') {
      if (identity !== '' || gateway)
        return { workload: '', identity: '', direction, peer: '', peerIdentity: identity };
      const address = textOf(line, ['peer', 'downstream_direct_remote_address', 'downstream_remote_address']);
      return { workload: '', identity: '', direction, peer: address.replace(/:\d+$/, ''), peerIdentity: '' };
    }
    if (gateway)
      return {
        workload: '',
        identity: '',
        direction,
        peer: '',
        peerIdentity: '',
        entered: enteredIn(line, textOf(line, FIELDS.authority)),
      };
    const named = textOf(line, [...FIELDS.workload, 'workload']);
    const key = named === '' ? this.#defaults.from : named.includes('/') ? named : this.#inNamespace(line, named);
    if (key === undefined && identity === '')
      return `it names no caller (${[...FIELDS.workload, 'workload', ...FIELDS.identity].join(', ')}): say --from`;
    return { workload: key ?? '', identity, direction, peer: '', peerIdentity: '' };
  }

  #inNamespace(line: Line, name: string): string {
    return `${textOf(line, FIELDS.namespace) || this.#defaults.namespace}/${name}`;
  }

  /** What routes say goes first: a cluster is the backend that was chosen, not the service that was asked. */
  #addressed(line: Line, direction: 'inbound' | 'outbound'): Happened['addressed'] {
    const route = textOf(line, FIELDS.route).split('#', 1)[0] ?? '';
    const [, namespace, name] = /^Service\/([^/]+)\/([^/]+)$/.exec(route) ?? [];
    if (direction === 'outbound') {
      const parent = this.#parents.get(route);
      if (parent !== undefined) return parent;
      if (namespace !== undefined) return { service: `${namespace}/${name}`, port: undefined, gateway: false };
    }
    const said = textOf(line, FIELDS.service);
    if (said !== '') return this.#service(said);
    const cluster = textOf(line, FIELDS.cluster);
    if (direction === 'inbound' || cluster === '' || cluster.startsWith('inbound'))
      return this.#serving(textOf(line, ['workload'])) ?? this.#defaults.to;
    const found = serviceOf(cluster, undefined);
    const [, port] = /^outbound(?:\/.*\/|\|)(\d+)/.exec(cluster) ?? [];
    return found.namespace === ''
      ? this.#defaults.to
      : {
          service: `${found.namespace}/${found.name}`,
          port: port === undefined ? undefined : Number(port),
          gateway: false,
        };
  }

  /** The Service that `weft run` made for the workload that told it. */
  #serving(workload: string): Happened['addressed'] {
    const service = givenName(workload);
    return this.#services.has(service) ? { service, port: undefined, gateway: false } : undefined;
  }

  /** `shop/orders`, or a host `orders.shop.svc.cluster.local:80` as Istio writes it. */
  #service(said: string): Happened['addressed'] {
    const [, host = '', port] = /^(.*?)(?::(\d{1,5}))?$/.exec(said) ?? [];
    const number = port === undefined ? undefined : Number(port);
    if (host.includes('/')) return { service: host, port: number, gateway: false };
    const [name = '', namespace = this.#defaults.namespace] = host.split('.');
    return { service: `${namespace}/${name}`, port: number, gateway: false };
  }
}

/** Services and Gateways that a route is attached to, where that is one. */
function parentsOf(objects: readonly StoredObject[]): ReadonlyMap<string, NonNullable<Happened['addressed']>> {
  const found = new Map<string, NonNullable<Happened['addressed']>>();
  for (const { kind, metadata, spec } of objects) {
    if (!kind.endsWith('Route')) continue;
    const { parentRefs = [] } = spec as {
      readonly parentRefs?: readonly { kind?: string; namespace?: string; name: string; port?: number }[];
    };
    const [parent] = parentRefs;
    if (parent === undefined || parentRefs.length > 1) continue;
    found.set(`${kind}/${metadata.namespace}/${metadata.name}`, {
      service: `${parent.namespace ?? metadata.namespace}/${parent.name}`,
      port: parent.port,
      gateway: parent.kind !== 'Service',
    });
  }
  return found;
}

function textOf(line: Line, names: readonly string[]): string {
  for (const name of names) {
    const value = line[name];
    if (typeof value === 'string' && value !== '' && value !== '-') return value;
  }
  return '';
}

/** Pairs as a tap writes them, or an object. */
function headersOf(value: unknown): (readonly [string, string])[] {
  const pairs = Array.isArray(value) ? value : typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return pairs.flatMap((pair): [string, string][] =>
    Array.isArray(pair) &&
    typeof pair[0] === 'string' &&
    typeof pair[1] === 'string' &&
    !UNTOLD.has(pair[0].toLowerCase())
      ? [[pair[0].toLowerCase(), pair[1]]]
      : [],
  );
}

/** Differ from request to request and decide nothing that a log could tell. */
const UNTOLD: ReadonlySet<string> = new Set([
  'traceparent',
  'tracestate',
  'x-request-id',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-sampled',
  'content-length',
  'x-envoy-expected-rq-timeout-ms',
  'x-envoy-attempt-count',
]);
