/** Which answers count as failed: TrafficPolicy `responseClasses` (Envoy: HttpProtocolOptions.outlier_detection.error_matcher). */
import { GRPC_CODES } from '@weft/core/kernel';
import type { AnswerMatcher, Cluster, HeaderMatcher } from '@weft/core/proxy-config';
import type { ResponseClasses } from '@weft/core/resources';
import { unsupportedByEngine } from '../../findings.ts';
import { routesRequests } from '../../profiles.ts';
import type { Behaviour, ClusterInput, RouteInput } from '../behaviour.ts';

export const responseClasses: Behaviour = {
  name: 'response-classes',

  cluster(cluster: Cluster, { conf: { responseClasses: classes }, engine, port }: ClusterInput): Cluster {
    const { outlierDetection } = cluster;
    if (classes === undefined || outlierDetection === undefined || engine === 'grpc') return cluster;
    if (!routesRequests(engine, port.protocol)) return cluster;
    const failures = failuresOf(classes);
    const own = { ...outlierDetection.own, grpcFailures: failures.grpc.flatMap(numbers) };
    const told = engine === 'weft' && classes.some(({ grpc }) => grpc !== undefined);
    return {
      ...cluster,
      errorMatcher: matcherOf(failures),
      ...(told ? { outlierDetection: { ...outlierDetection, own } } : {}),
    };
  },

  unsupported({ engine, conf: { responseClasses: classes, outlierEjection, origins } }: RouteInput) {
    if (classes === undefined || outlierEjection === undefined) return [];
    const source = origins.responseClasses ?? '';
    if (engine === 'grpc') return [unsupportedByEngine('grpc', source, 'eject by classes of answers', 'use a sidecar')];
    // Envoy's matcher is not asked about gRPC's statuses (e2e/cases/error-matcher.yaml).
    const index = engine === 'envoy' ? classes.findIndex(({ grpc }) => grpc !== undefined) : -1;
    return index < 0
      ? []
      : [
          unsupportedByEngine(
            'envoy',
            `${source}[${index}].grpc`,
            'eject by classes of gRPC statuses: it takes those that map to 5xx',
            'use Weft’s engine, or leave `grpc` to `retries`',
          ),
        ];
  },
};

/** Half-open. */
interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Failures {
  /** Of HTTP statuses, in order. */
  readonly statuses: readonly Range[];
  /** Of numbers of gRPC statuses, in order. */
  readonly grpc: readonly Range[];
}

/** Those that Envoy takes for 5xx. */
const FAILED: ReadonlySet<string> = new Set([
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
]);

export function failuresOf(classes: ResponseClasses = []): Failures {
  const http = (status: number): boolean =>
    classes.find((one) => one.status !== undefined && one.status.min <= status && status <= one.status.max)
      ?.isFailure ?? status >= 500;
  const rpc = (name: (typeof GRPC_CODES)[number]): boolean =>
    classes.find((one) => one.grpc?.includes(name) === true)?.isFailure ?? FAILED.has(name);
  return {
    statuses: ranges(100, 600, http),
    grpc: ranges(0, GRPC_CODES.length, (code) => rpc(GRPC_CODES[code] ?? 'UNKNOWN')),
  };
}

function ranges(from: number, to: number, holds: (value: number) => boolean): Range[] {
  const found: Range[] = [];
  for (let value = from; value < to; value += 1) {
    if (!holds(value)) continue;
    const last = found.at(-1);
    if (last?.end === value) found[found.length - 1] = { start: last.start, end: value + 1 };
    else found.push({ start: value, end: value + 1 });
  }
  return found;
}

const numbers = ({ start, end }: Range): number[] => Array.from({ length: end - start }, (_, index) => start + index);

const within = (name: string, { start, end }: Range): HeaderMatcher => ({
  name,
  match: { kind: 'range', start, end },
  invert: false,
  treatMissingAsEmpty: false,
});

/** Any of them. */
export const failedHeaders = ({ statuses, grpc }: Failures): HeaderMatcher[] => [
  ...statuses.map((range) => within(':status', range)),
  ...grpc.map((range) => within('grpc-status', range)),
];

/** Envoy takes no list of fewer than two. */
function matcherOf({ statuses }: Failures): AnswerMatcher {
  const [first, ...others] = statuses.map(
    (range): AnswerMatcher => ({ kind: 'headers', headers: [within(':status', range)] }),
  );
  if (first === undefined) return { kind: 'not', rule: { kind: 'any' } };
  return others.length === 0 ? first : { kind: 'or', rules: [first, ...others] };
}
