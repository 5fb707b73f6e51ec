/** One question asked of two meshes: in what its answers differ. */
import { explain, isAnswer } from './explain.ts';
import type { Explanation, Verdict } from './explanation.ts';
import type { Question, StatedRequest } from './question.ts';
import type { World } from './world.ts';

export interface CallChange {
  readonly kind: 'allowed' | 'denied' | 'plaintext' | 'encrypted' | 'rerouted' | 'otherwise';
  /** Key of the workload; '' is a caller outside the mesh. */
  readonly caller: string;
  /** It enters by a Gateway, whose key `service` is. */
  readonly gateway: boolean;
  /** How many callers of other identities fare alike. */
  readonly others: number;
  readonly service: string;
  readonly port: number;
  readonly request: StatedRequest;
  readonly before: Verdict;
  readonly after: Verdict;
  /** Port keys with shares, where they differ. */
  readonly from: string;
  readonly to: string;
}

/** undefined: nothing differs, or one of them has no answer. `name`: the caller as the change shall name it. */
export function compare(
  before: World,
  after: World,
  question: Question & { readonly port: number },
  name: string,
): CallChange | undefined {
  const [old, now] = [explain(before, question), explain(after, question)];
  return isAnswer(old) && isAnswer(now) ? changeOf(old, now, question, name) : undefined;
}

export function changeOf(
  old: Explanation,
  now: Explanation,
  { gateway = false, to: service, request }: Question,
  name: string,
): CallChange | undefined {
  const kind = kindOf(old, now);
  if (kind === undefined) return undefined;
  const [from, to] = [destinationsOf(old), destinationsOf(now)];
  return {
    kind,
    caller: name,
    gateway,
    others: 0,
    service,
    port: now.port,
    request,
    before: old.verdict,
    after: now.verdict,
    from,
    to,
  };
}

const passes = ({ kind }: Verdict): boolean => kind === 'allowed' || kind === 'mixed';
const isPlain = ({ routing }: Explanation): boolean =>
  routing?.backends.some(({ transport }) => transport === 'plaintext') === true;

/** The gravest of what changed. */
function kindOf(old: Explanation, now: Explanation): CallChange['kind'] | undefined {
  if (!passes(old.verdict) && passes(now.verdict)) return 'allowed';
  if (passes(old.verdict) && ['denied', 'not-visible'].includes(now.verdict.kind)) return 'denied';
  if (isPlain(old) !== isPlain(now)) return isPlain(now) ? 'plaintext' : 'encrypted';
  if (old.verdict.kind === 'denied' && now.verdict.kind === 'denied') return undefined;
  if (old.verdict.kind !== now.verdict.kind || old.verdict.status !== now.verdict.status) return 'otherwise';
  return destinationsOf(old) === destinationsOf(now) ? undefined : 'rerouted';
}

const destinationsOf = ({ routing }: Explanation): string =>
  (routing?.backends ?? [])
    .map(({ port, share, path }) => `${port ?? '?'} ${Math.round(share * 1000) / 10} % ${path ?? ''}`.trim())
    .join(', ');
