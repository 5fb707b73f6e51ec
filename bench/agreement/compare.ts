/** What `explain` says of a request, as everything that an engine may do with it; and what the engine did. */
import { type Explanation, explain, isAnswer, type World } from '@weft/compile/answers';
import type { Echo } from '@weft/testkit/echo';
import type { Received } from '@weft/testkit/http-client';
import { type GeneratedRequest, NAMESPACE } from './generate.ts';

/** One of the ways in which a request may end. */
export interface Ending {
  readonly status: number;
  /** The rule whose word is in the answer; undefined: none. */
  readonly rule: string | undefined;
  readonly location?: string;
  /** Workloads, one of which answers. */
  readonly workloads?: readonly string[];
  /** As it got there, with its query. */
  readonly path?: string;
  /** Source of the rule that refused, where one did. */
  readonly refusedBy?: string;
}

export function endings(world: World, { caller, request }: GeneratedRequest): Ending[] {
  const answer = explain(world, {
    from: { kind: 'workload', key: `${NAMESPACE}/${caller}` },
    to: `${NAMESPACE}/front`,
    port: 80,
    request,
  });
  if (!isAnswer(answer)) throw new TypeError(answer.reason);
  const rule = ruleOf(answer.routing?.rule ?? answer.verdict.source);
  const { verdict } = answer;
  switch (verdict.kind) {
    case 'bad-request':
    case 'no-route':
    case 'not-visible':
      return [{ status: verdict.status, rule: undefined }];
    case 'redirect':
      return [{ status: verdict.status, rule, location: verdict.reason.slice('it is redirected to '.length) }];
    case 'answered':
      return [{ status: verdict.status, rule }];
    case 'allowed':
    case 'mixed':
    case 'denied':
    case 'unavailable':
      return forwarded(answer, rule, request.path);
  }
}

function forwarded(answer: Explanation, rule: string | undefined, sent: string): Ending[] {
  const mark = sent.indexOf('?');
  const query = mark < 0 ? '' : sent.slice(mark);
  const paths = new Map((answer.routing?.backends ?? []).map(({ port, path }) => [port ?? '', path]));
  return answer.arrivals
    .filter(({ share }) => share > 0)
    .map(({ port, workloads, allowed, by, status, source }): Ending => {
      if (allowed)
        return {
          status: 200,
          rule,
          workloads: workloads.map((key) => key.slice(key.indexOf('/') + 1)),
          path: `${paths.get(port) ?? ''}${query}`,
        };
      if (by === 'request')
        return { status: status ?? 403, rule, ...(source === undefined ? {} : { refusedBy: source }) };
      return { status: port === '' ? 500 : 503, rule };
    });
}

/** `HTTPRoute/shop/route-1#spec.rules[2].matches[0]` is `1.2`; of a service without a route there is none. */
const ruleOf = (source: string | undefined): string | undefined => {
  const [, route, rule] = /route-(\d+)#spec\.rules\[(\d+)\]/.exec(source ?? '') ?? [];
  return route === undefined ? undefined : `${route}.${rule}`;
};

/** undefined: the engine did one of them. */
export function disagreement(wanted: readonly Ending[], got: Received | Error): string | undefined {
  if (got instanceof Error) return `${got.message}, expected ${JSON.stringify(wanted)}`;
  const seen = observed(got);
  return wanted.some((ending) => agrees(ending, seen))
    ? undefined
    : `${JSON.stringify(seen)}, expected ${JSON.stringify(wanted)}`;
}

interface Observed {
  readonly status: number;
  readonly rule: string | undefined;
  readonly location: string | undefined;
  readonly workload: string | undefined;
  readonly path: string | undefined;
  readonly word: string | undefined;
}

function observed({ status, headers, body }: Received): Observed {
  const text = (name: string): string | undefined => {
    const value = headers[name];
    return value === undefined ? undefined : String(value);
  };
  const workload = text('x-backend');
  return {
    status,
    rule: text('x-rule'),
    location: text('location'),
    workload,
    path: workload === undefined ? undefined : (JSON.parse(body.toString()) as Echo).path,
    word: text('x-weft-answer'),
  };
}

const agrees = (ending: Ending, seen: Observed): boolean =>
  ending.status === seen.status &&
  ending.rule === seen.rule &&
  ending.location === seen.location &&
  (ending.workloads === undefined
    ? seen.workload === undefined
    : ending.workloads.includes(seen.workload ?? '') && ending.path === seen.path) &&
  (ending.refusedBy === undefined || (seen.word ?? '').includes(ending.refusedBy));
