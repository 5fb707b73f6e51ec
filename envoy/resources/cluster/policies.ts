/** Settings of load balancing policies that a cluster's own fields and the extensions of the same policies share. */
import { type LoadBalancing, type PeakEwma, PLAIN_CONSISTENT, type SlowStart } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { durationUnless, takeDuration } from '../base/duration.ts';
import { unless } from '../base/encoding.ts';
import {
  ACTIVE_REQUEST_BIAS,
  CHOICE_COUNT,
  MAGLEV_TABLE_SIZE,
  MAXIMUM_RING_SIZE,
  MINIMUM_RING_SIZE,
  PEAK_EWMA,
  SLOW_START,
} from './standards.ts';

type WireSlowStart = Messages['envoy.config.cluster.v3.Cluster.SlowStartConfig'];
type WireLeastRequest = Messages['envoy.config.cluster.v3.Cluster.LeastRequestLbConfig'];
type LeastRequestFields = Pick<WireLeastRequest, 'choice_count' | 'active_request_bias' | 'slow_start_config'>;
type RingSizes = Pick<
  Messages['envoy.config.cluster.v3.Cluster.RingHashLbConfig'],
  'minimum_ring_size' | 'maximum_ring_size'
>;
type SlowStarting = { readonly slow_start_config?: WireSlowStart | undefined };
export type LeastRequest = Extract<LoadBalancing, { kind: 'least-request' }>;
type RingHash = Extract<LoadBalancing, { kind: 'ring-hash' }>;
type Maglev = Extract<LoadBalancing, { kind: 'maglev' }>;

export const LEAST_REQUEST: LeastRequest = {
  kind: 'least-request',
  choiceCount: CHOICE_COUNT,
  activeRequestBias: ACTIVE_REQUEST_BIAS,
  slowStart: undefined,
  fullScan: false,
};
export const RING_HASH: RingHash = {
  kind: 'ring-hash',
  minimumRingSize: MINIMUM_RING_SIZE,
  maximumRingSize: MAXIMUM_RING_SIZE,
  hashFunction: 'xx-hash',
  consistent: PLAIN_CONSISTENT,
};
export const MAGLEV: Maglev = { kind: 'maglev', tableSize: MAGLEV_TABLE_SIZE, consistent: PLAIN_CONSISTENT };

export function decodePeakEwma(
  cursor: Cursor<Messages['envoy.extensions.load_balancing_policies.peak_ewma.v3alpha.PeakEwma']>,
): PeakEwma {
  // Latencies count at once, in the engine that measured them.
  cursor.take('aggregation_interval');
  cursor.take('max_samples_per_host');
  const decayTime = takeDuration(cursor, 'decay_time', PEAK_EWMA.decayTime);
  if (decayTime === 0) cursor.fault('decay_time', 'invalid-value', 'must be greater than 0');
  return {
    kind: 'peak-ewma',
    decayTime,
    defaultRtt: takeDuration(cursor, 'default_rtt', PEAK_EWMA.defaultRtt),
    penalty: cursor.take('penalty_value') ?? PEAK_EWMA.penalty,
  };
}

export const peakEwmaFields = (
  balancing: PeakEwma,
): Messages['envoy.extensions.load_balancing_policies.peak_ewma.v3alpha.PeakEwma'] => ({
  decay_time: durationUnless(balancing.decayTime, PEAK_EWMA.decayTime),
  default_rtt: durationUnless(balancing.defaultRtt, PEAK_EWMA.defaultRtt),
  penalty_value: unless(balancing.penalty, PEAK_EWMA.penalty),
});

export const decodeRoundRobin = (cursor: Cursor<SlowStarting>): LoadBalancing => ({
  kind: 'round-robin',
  slowStart: cursor.within('slow_start_config', decodeSlowStart),
});

export const decodeLeastRequest = (cursor: Cursor<LeastRequestFields>): LeastRequest => ({
  kind: 'least-request',
  choiceCount: cursor.take('choice_count') ?? CHOICE_COUNT,
  activeRequestBias: cursor.within('active_request_bias', decodeDouble) ?? ACTIVE_REQUEST_BIAS,
  slowStart: cursor.within('slow_start_config', decodeSlowStart),
  fullScan: false,
});

export function decodeRingHash(
  cursor: Cursor<RingSizes>,
): Pick<RingHash, 'kind' | 'minimumRingSize' | 'maximumRingSize'> {
  const minimumRingSize = Number(cursor.take('minimum_ring_size') ?? MINIMUM_RING_SIZE);
  const maximumRingSize = Number(cursor.take('maximum_ring_size') ?? MAXIMUM_RING_SIZE);
  if (minimumRingSize > maximumRingSize) {
    cursor.fault('maximum_ring_size', 'invalid-value', `must not be less than the minimum, ${minimumRingSize}`);
  }
  return { kind: 'ring-hash', minimumRingSize, maximumRingSize };
}

export function decodeMaglev(cursor: Cursor<{ readonly table_size?: number | bigint | undefined }>): Maglev {
  const tableSize = Number(cursor.take('table_size') ?? MAGLEV_TABLE_SIZE);
  if (!isPrime(tableSize)) cursor.fault('table_size', 'invalid-value', `${tableSize} is no prime number`);
  return { ...MAGLEV, tableSize };
}

function isPrime(value: number): boolean {
  for (let divisor = 2; divisor * divisor <= value; divisor += 1) if (value % divisor === 0) return false;
  return value > 1;
}

/** A RuntimeDouble's default; the runtime key is taken and has no runtime to ask. */
function decodeDouble(cursor: Cursor<Messages['envoy.config.core.v3.RuntimeDouble']>): number {
  cursor.take('runtime_key');
  return cursor.take('default_value') ?? 0;
}

function decodeSlowStart(cursor: Cursor<WireSlowStart>): SlowStart {
  return {
    window: takeDuration(cursor, 'slow_start_window', SLOW_START.window),
    aggression: cursor.within('aggression', decodeDouble) ?? SLOW_START.aggression,
    minWeightPercent:
      cursor.within('min_weight_percent', (percent) => percent.take('value') ?? 0) ?? SLOW_START.minWeightPercent,
  };
}

export const leastRequestFields = (balancing: LeastRequest): LeastRequestFields => ({
  choice_count: unless(balancing.choiceCount, CHOICE_COUNT),
  active_request_bias: double(balancing.activeRequestBias, ACTIVE_REQUEST_BIAS, 'least_request.active_request_bias'),
  slow_start_config: balancing.slowStart === undefined ? undefined : encodeSlowStart(balancing.slowStart),
});

export const ringFields = (balancing: RingHash): RingSizes => ({
  minimum_ring_size: unless(balancing.minimumRingSize, MINIMUM_RING_SIZE),
  maximum_ring_size: unless(balancing.maximumRingSize, MAXIMUM_RING_SIZE),
});

/** Envoy wants a runtime key beside each default. */
const double = (
  value: number,
  standard: number,
  key: string,
): Messages['envoy.config.core.v3.RuntimeDouble'] | undefined =>
  value === standard ? undefined : { default_value: value, runtime_key: `dev.weft.${key}` };

export const encodeSlowStart = (slowStart: SlowStart): WireSlowStart => ({
  slow_start_window: durationUnless(slowStart.window, SLOW_START.window),
  aggression: double(slowStart.aggression, SLOW_START.aggression, 'slow_start.aggression'),
  min_weight_percent:
    slowStart.minWeightPercent === SLOW_START.minWeightPercent ? undefined : { value: slowStart.minWeightPercent },
});
