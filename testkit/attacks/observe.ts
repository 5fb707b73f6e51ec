/** What an engine does with a probe, in the words of the data: for a table of differences, not for judgement. */
import { octets, type Probe, statuses } from './attack.ts';
import { Conversation, statusOf } from './conversation.ts';
import { compare } from './judge.ts';
import type { Chain } from './run.ts';

/** ms without news after which an open connection counts as kept open. */
const QUIET = 250;

export interface Observation {
  /** As the data states for it. */
  readonly equal: boolean;
  readonly text: string;
}

/** The data's own statement. */
export function expected(probe: Probe): string {
  if (probe.refuse !== undefined) return `${statuses(probe.refuse).join(' or ')}, close`;
  if (probe.reply !== undefined) return `${statuses(probe.reply).join(' or ')}`;
  return `forwarded, ${statuses(probe.status ?? 200).join(' or ')}${probe.closes === true ? ', close' : ''}`;
}

export async function observe(probe: Probe, chain: Chain): Promise<Observation> {
  const { recorder } = chain;
  recorder.reset();
  if (probe.answer !== undefined)
    recorder.special = { bytes: octets(probe.answer), close: probe.backendCloses === true };
  const client = new Conversation(chain.port(probe.listener ?? 'safe'));
  if (probe.head === true) client.bodilessAt = 0;
  client.write(octets(probe.send));
  const wanted = probe.answers ?? probe.forward?.length ?? 1;
  await client.until(() => client.finals.length >= wanted, probe.listener === 'slow' ? 2000 : 700);
  await client.closed(QUIET);
  const got = client.finals.map(statusOf);
  const seen = probe.unseen !== undefined && client.text.includes(probe.unseen);
  const closed = client.state !== 'open';
  client.destroy();
  const differences: string[] = [];
  probe.forward?.forEach((one, index) =>
    compare(
      one,
      recorder.requests[index],
      (text) => void (text.startsWith('the backend got x-forwarded-for') || differences.push(text)),
    ),
  );
  differences.push(...recorder.faults.map((fault) => `the backend got ${fault}`));
  if (seen) differences.push("the client saw what was not its answer's");
  const forwarded = recorder.requests.length + recorder.faults.length;
  const answer = got.length === 0 ? 'no answer' : got.join(' and ');
  const parts = [...(forwarded > 0 ? ['forwarded'] : []), answer, ...(closed ? ['close'] : [])];
  const allowed = statuses(probe.refuse ?? probe.reply ?? probe.status ?? 200);
  const equal =
    differences.length === 0 &&
    got.length === wanted &&
    got.every((status) => allowed.includes(status)) &&
    forwarded > 0 === (probe.forward?.length ?? 0) > 0 &&
    (closed || (probe.refuse === undefined && probe.closes !== true));
  return { equal, text: [parts.join(', '), ...differences].join('; ') };
}
