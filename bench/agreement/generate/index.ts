/**
 * A mesh made of few words, and requests made of the same, so that routes and policies meet them often. Callers in two namespaces, a service
 * `front` of the workloads of `a`, services `a` (two workloads), `b`, `c` in the other namespace, `empty`; at times a gRPC service, one of opaque
 * TCP, a host outside, a Gateway, tokens, faults, limits, subsets, patches.
 */
import type { StatedRequest } from '@weft/compile/answers';
import { admitObject, type StoredObject } from '@weft/core/resources';
import { edge } from './edge.ts';
import { filters } from './filters.ts';
import { mesh } from './mesh.ts';
import { policies } from './policies.ts';
import type { SeededRandom } from './random.ts';
import { request } from './requests.ts';
import { routes } from './routes.ts';
import { streamRoutes } from './streams.ts';
import type { Issuers, SentToken } from './tokens.ts';
import type { TOLD } from './words.ts';

export interface Generated {
  readonly objects: readonly StoredObject[];
  readonly requests: readonly GeneratedRequest[];
}

export interface GeneratedRequest {
  /** Key of a workload; undefined: somebody outside, who enters by the Gateway. */
  readonly caller: string | undefined;
  /** Key of a service, or of the Gateway, and its port. */
  readonly to: string;
  readonly port: number;
  readonly kind: 'http' | 'grpc' | 'tcp';
  /** TLS to a Gateway with this server name. */
  readonly serverName?: string;
  readonly request: StatedRequest;
  /** Of whoever enters behind a load balancer that tells it by a PROXY header. */
  readonly address?: (typeof TOLD)[number];
  readonly token?: SentToken;
  /** `slow`: the application answers late. Else so many answers are 503 before it answers. */
  readonly trial?: 'slow' | number;
  /** What who is asked by an Extension says. */
  readonly verdict?: 'yes' | 'no';
  /** What who processes by an Extension does: answers 409 itself, or ends the question. */
  readonly processing?: 'answers' | 'fails';
  /** It goes with the session that an earlier answer to the same caller began. */
  readonly session?: true;
}

/** What a mesh has beside the plain services. */
export interface Features {
  readonly grpc: boolean;
  readonly line: boolean;
  readonly outside: boolean;
  readonly edge: boolean;
  /** The Gateway is behind a load balancer that sends PROXY headers. */
  readonly told: boolean;
  readonly tokens: boolean;
  readonly asks: boolean;
  readonly faults: boolean;
  readonly limits: boolean;
  readonly traffic: boolean;
  readonly subsets: boolean;
  readonly visibility: boolean;
  readonly patches: boolean;
  readonly bare: boolean;
  /** Services that end TLS themselves. */
  readonly sealed: boolean;
  readonly sessions: boolean;
  /** Mutual TLS by service, port and namespace. */
  readonly modes: boolean;
  /** Services that answer in the place of others. */
  readonly failover: boolean;
  /** Copies of requests that go elsewhere too. */
  readonly mirrors: boolean;
  /** What workloads' ports take of arrivals: load balancers alone, so many connections, heads within a time. */
  readonly arrivals: boolean;
  /** Rules with filters CORS, and requests of pages. */
  readonly pages: boolean;
  /** HTTPRouteFilters. */
  readonly filters: boolean;
}

/** What is made once for all meshes of a run. Decisions do not depend on it. */
export interface Materials {
  readonly issuers: Issuers;
  /** Of the Gateway, and of whoever else ends TLS itself. */
  readonly certificate: string;
  readonly key: string;
  /** PEM: who issued it, and who did not. */
  readonly roots: string;
  readonly strangers: string;
}

function features(random: SeededRandom): Features {
  const limits = random.chance(0.2);
  const edge = random.chance(0.35);
  return {
    grpc: random.chance(0.2),
    line: random.chance(0.2),
    outside: random.chance(0.2),
    edge,
    told: edge && random.chance(0.4),
    tokens: random.chance(0.3),
    asks: random.chance(0.15),
    faults: random.chance(0.2),
    limits,
    // Tries that fail would be counted too, at workloads that nobody names.
    traffic: !limits && random.chance(0.35),
    subsets: random.chance(0.2),
    visibility: random.chance(0.08),
    patches: random.chance(0.1),
    bare: random.chance(0.08),
    sealed: random.chance(0.15),
    sessions: random.chance(0.15),
    modes: random.chance(0.2),
    filters: random.chance(0.3),
    arrivals: random.chance(0.12),
    pages: random.chance(0.15),
    // Copies would be counted, too.
    mirrors: false,
    failover: false,
  };
}

/** `given`: what every mesh has, by chance or not. */
export function generate(
  random: SeededRandom,
  requests: number,
  materials: Materials,
  given: readonly string[] = [],
): Generated {
  const drawn = features(random);
  const mirrors = !drawn.limits && !drawn.traffic && !drawn.asks && random.chance(0.15);
  const failover = !drawn.traffic && !drawn.sessions && random.chance(0.2);
  const has = { ...drawn, mirrors, failover, ...Object.fromEntries(given.map((name) => [name, true])) };
  const objects = [
    ...mesh(random, has, materials),
    ...(has.filters ? filters(random) : []),
    ...routes(random, has),
    ...streamRoutes(random, has),
    ...(has.edge ? edge(random, has, materials) : []),
    ...policies(random, has, materials),
  ];
  return {
    objects: stored(objects),
    requests: Array.from({ length: requests }, () => request(random, has, materials)),
  };
}

export function stored(texts: readonly unknown[]): StoredObject[] {
  return texts.map((text, index) => {
    const { object, diagnostics } = admitObject(text);
    if (object === undefined) throw new TypeError(`${JSON.stringify(diagnostics)}\n${JSON.stringify(text)}`);
    const creationTimestamp = new Date(1_790_000_000_000 + index * 1000).toISOString();
    return {
      ...object,
      metadata: { ...object.metadata, uid: `uid-${index}`, resourceVersion: '1', generation: 1, creationTimestamp },
    };
  });
}
