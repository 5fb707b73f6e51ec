/** Makes a case's calls on one engine and says everything that is not as expected. */
import { setTimeout as pause } from 'node:timers/promises';
import { boundsOfShare } from '../chance/index.ts';
import { until } from '../wait/index.ts';
import type { CallInput, CallOutcome } from './calls.ts';
import type { CallExpectation, GrpcCall, GrpcCase, GrpcEngine } from './case.ts';

/** ms for what must come true, not at once. */
const PATIENCE = 30_000;

export interface GrpcCaller {
  readonly engine: GrpcEngine;
  readonly call: (input: Omit<CallInput, 'target'>) => Promise<CallOutcome>;
  /** Stands for `$RUN`. */
  readonly run: string;
}

/** One text a deviation; none means that the case holds. */
export async function judgeGrpcCase(one: GrpcCase, caller: GrpcCaller): Promise<string[]> {
  const stated = callsOf(one, caller.engine);
  if (stated === undefined) {
    await caller.call(inputOf({ expect: {} }));
    return [];
  }
  const calls = JSON.parse(JSON.stringify(stated).replaceAll('$RUN', caller.run)) as GrpcCall[];
  const faults: string[] = [];
  for (const [index, call] of calls.entries())
    for (const fault of await judgeCall(call, caller)) faults.push(`call ${index + 1}: ${fault}`);
  return faults;
}

/** undefined: one of any outcome. */
function callsOf({ calls, proxyless, envoy }: GrpcCase, engine: GrpcEngine): readonly GrpcCall[] | undefined {
  if (engine === 'grpc' && proxyless !== undefined) return proxyless.calls;
  return engine === 'envoy' ? (envoy?.calls ?? calls) : calls;
}

async function judgeCall(call: GrpcCall, caller: GrpcCaller): Promise<string[]> {
  const { proxyless, ...others } = call.expect;
  const expect = caller.engine === 'grpc' && proxyless !== undefined ? { ...others, ...proxyless } : others;
  for (let left = call.warmUp ?? 0; left > 0; left -= 1) await caller.call(inputOf(call));
  if (call.concurrent === undefined) await allThere(call, caller, expect);
  const once = async (): Promise<string[]> => deviations(await outcomesOf(call, caller), expect);
  if (call.eventually !== true) return once();
  let last: string[] = [];
  await until(
    async () => {
      last = await once();
      return last.length === 0;
    },
    { timeout: PATIENCE },
  ).catch(() => undefined);
  return last;
}

/**
 * Calls until everybody that is to get a share has answered once: a client that connects to its endpoints one after the other begins with those
 * it has. Who has not is found missing by the counts.
 */
async function allThere(
  call: GrpcCall,
  caller: GrpcCaller,
  { distribution, outcomes }: CallExpectation,
): Promise<void> {
  const missing = new Set([
    ...Object.keys(distribution ?? {}).filter((who) => (distribution?.[who] ?? 0) > 0),
    ...Object.keys(outcomes ?? {}).filter((who) => (outcomes?.[who]?.[0] ?? 0) > 0),
  ]);
  if (missing.size < 2) return;
  const came = async (): Promise<boolean> => {
    missing.delete(whoOf(await caller.call(inputOf(call))));
    return missing.size === 0;
  };
  await until(came, { timeout: PATIENCE }).catch(() => undefined);
}

const inputOf = ({ method = '/shop.Orders/Get', metadata = {}, echo = '' }: GrpcCall): Omit<CallInput, 'target'> => ({
  method,
  metadata: { ...metadata, 'x-echo': `grpc-message=1&grpc-status=0&${echo}` },
});

async function outcomesOf(call: GrpcCall, caller: GrpcCaller): Promise<readonly CallOutcome[]> {
  const input = inputOf(call);
  if (call.concurrent !== undefined)
    return Promise.all(
      Array.from({ length: call.concurrent }, async (_, index) => {
        if (call.spaced !== undefined) await pause(index * call.spaced);
        return caller.call(input);
      }),
    );
  const outcomes: CallOutcome[] = [];
  let kept: Readonly<Record<string, string>> = {};
  for (let left = call.repeat ?? 1; left > 0; left -= 1) {
    const outcome = await caller.call({ ...input, metadata: { ...input.metadata, ...kept } });
    outcomes.push(outcome);
    kept = { ...kept, ...keptOf(call, outcome) };
  }
  return outcomes;
}

function keptOf({ keeps = '' }: GrpcCall, { answered }: CallOutcome): Readonly<Record<string, string>> {
  const value = answered[keeps];
  if (value === undefined) return {};
  return keeps === 'set-cookie' ? { cookie: value.split(';')[0] ?? '' } : { [keeps]: value };
}

const whoOf = ({ code, backend }: CallOutcome): string => (code === 0 ? backend : `code:${code}`);

function deviations(outcomes: readonly CallOutcome[], expect: CallExpectation): string[] {
  const faults: string[] = [];
  const counts = new Map<string, number>();
  for (const outcome of outcomes) counts.set(whoOf(outcome), (counts.get(whoOf(outcome)) ?? 0) + 1);
  const said = [...counts].map(([who, times]) => `${who} ${times} times`).join(', ');
  const bound = (who: string, least: number, most: number): void => {
    const times = counts.get(who) ?? 0;
    if (times < least || times > most) faults.push(`${who} ${times} times, expected ${least} to ${most}: ${said}`);
  };
  const several = expect.distribution ?? expect.outcomes;
  if (several !== undefined)
    for (const [who, times] of counts) if (several[who] === undefined) faults.push(`${who} ${times} times`);
  for (const [who, share] of Object.entries(expect.distribution ?? {}))
    bound(who, ...boundsOfShare(outcomes.length, share));
  for (const [who, [least, most]] of Object.entries(expect.outcomes ?? {})) bound(who, least, most);
  if (expect.sticky === true && counts.size !== 1) faults.push(`went to ${said}, expected one`);
  for (const { code, details, backend, saw, answered, took } of outcomes) {
    const wanted = expect.code ?? (several === undefined && expect.sticky !== true ? 0 : undefined);
    if (wanted !== undefined && code !== wanted) faults.push(`code ${code} (${details}), expected ${wanted}`);
    if (expect.backend !== undefined && backend !== expect.backend)
      faults.push(`answered by ${backend || 'nobody'}, expected ${expect.backend}`);
    for (const [name, value] of Object.entries(expect.saw ?? {}))
      if (saw[name] !== value) faults.push(`the backend saw ${name}: ${saw[name]}, expected ${value}`);
    for (const [name, pattern] of Object.entries(expect.answered ?? {}))
      if (!new RegExp(pattern).test(answered[name] ?? ''))
        faults.push(`answered ${name}: ${answered[name]}, expected ${pattern}`);
    const [least = 0, most = Number.POSITIVE_INFINITY] = expect.took ?? [];
    if (took < least || took > most) faults.push(`took ${took.toFixed(0)} ms, expected ${least} to ${most}`);
  }
  return [...new Set(faults)];
}
