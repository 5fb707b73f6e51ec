/** What chance decides about the route of a request: every outcome with its share. What weights decide within a route is not told here. */
import type { Decider, Decision, RequestView } from '@weft/core/decide';
import type { RouteConfiguration } from '@weft/core/proxy-config';

export interface Chance {
  readonly decision: Decision;
  /** Of all such requests, 0 to 1. */
  readonly share: number;
}

/** Routes draw fractions from the low digits of a roll (core/decide), so that a roll of n / 2^20 draws n. */
const DRAWN = 1_048_576;

export function chancesOf(decider: Decider, table: RouteConfiguration, request: RequestView): Chance[] {
  const bounds = new Set([0, 1]);
  for (const host of table.virtualHosts)
    for (const { match } of host.routes)
      if (match.fraction !== undefined) bounds.add(match.fraction.numerator / match.fraction.denominator);
  const sorted = [...bounds].filter((bound) => bound <= 1).sort((a, b) => a - b);
  const chances: Chance[] = [];
  for (const [index, to] of sorted.entries()) {
    const from = sorted[index - 1];
    if (from === undefined) continue;
    const decision = decider.decide(request, (from + to) / 2 / DRAWN);
    const same = chances.findIndex((known) => routeOf(known.decision) === routeOf(decision));
    const known = chances[same];
    if (known === undefined) chances.push({ decision, share: to - from });
    else chances[same] = { decision: known.decision, share: known.share + to - from };
  }
  return chances;
}

const routeOf = (decision: Decision): unknown => ('route' in decision ? decision.route : decision.kind);
