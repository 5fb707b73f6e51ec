/**
 * Features of Gateway API, by the names of its conformance suite (e2e/gateway-api-features.yaml): which are held, and which cases or tests
 * show it. What is held without a case that is there, or not held without a reason, is a fault.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { isTestOf, readCaseNames } from '../behaviours/index.ts';

export interface Feature {
  /** As the suite has it, without `Support`: `HTTPRouteQueryParamMatching`. */
  readonly name: string;
  readonly level: 'core' | 'extended';
  /** Absent: standard. */
  readonly channel?: 'experimental';
  readonly held: 'yes' | 'partly' | 'no';
  /** Why not, or what is lacking. */
  readonly why?: string;
  /** `FILE: NAME`, FILE as in ShownCase. */
  readonly cases?: readonly string[];
  readonly tests?: readonly { readonly file: string; readonly title: string }[];
}

export interface Features {
  /** Of Gateway API. */
  readonly version: string;
  readonly features: readonly Feature[];
  readonly faults: readonly string[];
}

/** `root` is the folder of the repository. */
export function readFeatures(root: string): Features {
  const text = readFileSync(path.join(root, 'e2e/gateway-api-features.yaml'), 'utf8');
  const { version, features } = parse(text) as Omit<Features, 'faults'>;
  return { version, features, faults: judgeFeatures(features, readCaseNames(root), isTestOf(root)) };
}

/** `cases`: those that there are, as `FILE: NAME`. */
export function judgeFeatures(
  features: readonly Feature[],
  cases: ReadonlySet<string>,
  isTest: (test: { readonly file: string; readonly title: string }) => boolean,
): readonly string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const { name, level, channel, held, why, cases: own = [], tests = [] } of features) {
    if (seen.has(name)) faults.push(`${name}: named twice`);
    seen.add(name);
    if (!['core', 'extended'].includes(level)) faults.push(`${name}: level ${level}`);
    if (![undefined, 'experimental'].includes(channel)) faults.push(`${name}: channel ${channel}`);
    if (!['yes', 'partly', 'no'].includes(held)) faults.push(`${name}: held: ${String(held)}`);
    for (const one of own) if (!cases.has(one)) faults.push(`${name}: there is no case '${one}'`);
    for (const one of tests) if (!isTest(one)) faults.push(`${name}: there is no test '${one.title}' in ${one.file}`);
    if (held === 'no' && own.length + tests.length > 0) faults.push(`${name}: not held, and shown by cases`);
    if (held !== 'no' && own.length + tests.length === 0) faults.push(`${name}: held, and shown by no case`);
    if (held !== 'yes' && why === undefined) faults.push(`${name}: ${held}, and no reason`);
  }
  return faults;
}
