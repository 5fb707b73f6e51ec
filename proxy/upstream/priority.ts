/**
 * Which share of traffic each priority level of a cluster takes, and which levels panic: Envoy's rules (priority levels, overprovisioning,
 * degraded endpoints, panic threshold), in whole percents as Envoy counts. Pure arithmetic.
 */
export interface LevelHealth {
  readonly healthy: number;
  readonly degraded: number;
  readonly total: number;
}

export interface LevelShare {
  /** Percent of all traffic for the level's healthy and degraded endpoints; all shares sum to 100, or 0 when there is no endpoint. */
  readonly healthy: number;
  readonly degraded: number;
  /** Balance over all endpoints of the level, whatever their health. */
  readonly panic: boolean;
}

/** `overprovisioning` and `panicThreshold` in percent; a threshold of 0 never panics. */
export function priorityShares(
  levels: readonly LevelHealth[],
  /** Percent; of all levels, or of each. */
  overprovisioning: number | readonly number[],
  panicThreshold: number,
): LevelShare[] {
  const part = (count: number, total: number, index: number): number => {
    const factor = typeof overprovisioning === 'number' ? overprovisioning : (overprovisioning[index] ?? 100);
    return total === 0 ? 0 : Math.min(100, Math.floor((factor * count) / total));
  };
  const healthy = levels.map((level, index) => part(level.healthy, level.total, index));
  const degraded = levels.map((level, index) => part(level.degraded, level.total, index));
  const available = Math.min(
    100,
    [...healthy, ...degraded].reduce((sum, value) => sum + value, 0),
  );
  const panics = levels.map(
    (level) =>
      available < 100 &&
      (level.total === 0 ? 0 : (100 * (level.healthy + level.degraded)) / level.total) < panicThreshold,
  );
  if (available === 0 || panics.every(Boolean)) return byCount(levels, panics);
  let rest = 100;
  const take = (value: number): number => {
    const share = Math.min(rest, Math.floor((value * 100) / available));
    rest -= share;
    return share;
  };
  const healthyShares = healthy.map(take);
  const degradedShares = degraded.map(take);
  // What rounding left goes to the first that has any.
  const shares = healthy.some((value) => value > 0) ? healthyShares : degradedShares;
  const first = (healthy.some((value) => value > 0) ? healthy : degraded).findIndex((value) => value > 0);
  shares[first] = (shares[first] ?? 0) + rest;
  return levels.map((_, index) => ({
    healthy: healthyShares[index] ?? 0,
    degraded: degradedShares[index] ?? 0,
    panic: panics[index] ?? false,
  }));
}

/** Every level panics, or nobody is available: those that panic share by their number of endpoints. */
function byCount(levels: readonly LevelHealth[], panics: readonly boolean[]): LevelShare[] {
  const total = levels.reduce((sum, level, index) => sum + (panics[index] === true ? level.total : 0), 0);
  const shares = levels.map((level, index) =>
    panics[index] === true && total > 0 ? Math.floor((100 * level.total) / total) : 0,
  );
  const first = levels.findIndex((level, index) => panics[index] === true && level.total > 0);
  if (first >= 0) shares[first] = (shares[first] ?? 0) + 100 - shares.reduce((sum, share) => sum + share, 0);
  return levels.map((_, index) => ({ healthy: shares[index] ?? 0, degraded: 0, panic: panics[index] ?? false }));
}
