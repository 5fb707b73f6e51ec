/** Whether what became of a payload is right: refused, or routed as what it means and answered by the one answer. */
import type { Message } from '../attacks/message.ts';
import type { Http1Connection } from './http1-connection.ts';
import type { Http2Outcome } from './http2-connection.ts';
import type { Origin } from './origins.ts';
import type { Meaning, Reading } from './reference.ts';
import { difference, SAW } from './seen.ts';
import type { Routed } from './tap.ts';

export interface Verdict {
  /** 'routed': every request in it; 'refused': at least one was not. */
  readonly kind: 'routed' | 'refused' | 'fault';
  readonly faults: readonly string[];
}

const statusOf = ({ line }: Message): number => Number(line.split(' ')[1]);
/** To gRPC an error is a status of 200 with another one in it. */
const isGrpcError = (fields: Message['fields']): boolean =>
  fields.some(([name, value]) => name === 'grpc-status' && value !== '0');
const sawOf = (fields: Message['fields']): string | undefined => fields.find(([name]) => name === SAW)?.[1];

export function judgeHttp1({ messages, rest }: Reading, connection: Http1Connection): Verdict {
  const { answers, origin, closed } = connection;
  const faults = [...origin.faults];
  if (connection.fault !== '') faults.push(`the client got no strict answer: ${connection.fault}`);
  const sent = seenByServers(origin.routed);
  matchRouted(messages, sent, faults);
  let routed = 0;
  answers.forEach((answer, index) => {
    const saw = sawOf(answer.fields);
    if (saw === undefined) {
      if (statusOf(answer) < 400 && !isGrpcError(answer.fields))
        faults.push(`the engine itself answered ${answer.line}`);
      return;
    }
    if (index >= messages.length)
      faults.push(`answer ${index + 1} comes from a backend, but the payload has ${messages.length} requests`);
    checkAnswer(saw, sent[routed], faults);
    routed += 1;
  });
  const most = messages.length + (rest === 'clean' ? 0 : 1);
  if (answers.length > most) faults.push(`${answers.length} answers to ${messages.length} requests`);
  if (!closed && rest === 'bad') faults.push('no request, but the connection is not closed');
  if (!closed && rest !== 'bad' && answers.length < messages.length)
    faults.push(`${answers.length} answers to ${messages.length} requests, and the connection stays open`);
  if (!closed && rest === 'more') faults.push('the connection was not closed at the client’s end');
  return verdict(faults, rest === 'clean' && routed === messages.length);
}

const verdict = (faults: readonly string[], routed: boolean): Verdict => ({
  kind: faults.length > 0 ? 'fault' : routed ? 'routed' : 'refused',
  faults,
});

/**
 * Without requests that no application has seen: those which a server left alone as it ended its connection (RFC 9113, 6.8) are sent again on
 * another one, so the tap sees the first without an answer and then its like. Whatever was answered counts.
 */
function seenByServers(routed: readonly Routed[]): readonly Routed[] {
  return routed.filter(({ seen, answer }, index) => {
    const next = routed[index + 1];
    return answer !== 0 || next === undefined || JSON.stringify(next.seen) !== JSON.stringify(seen);
  });
}

/** What was routed is what the messages mean, in their order; some may be missing. */
function matchRouted(messages: readonly Meaning[], routed: readonly Routed[], faults: string[]): void {
  let at = 0;
  for (const { seen } of routed) {
    const differences: string[] = [];
    let found = false;
    while (at < messages.length && !found) {
      const message = messages[at] as Meaning;
      const different = difference(named(message), seen);
      if (different === undefined) found = true;
      else differences.push(different);
      at += 1;
      if (message.tunnels) at = messages.length;
    }
    if (!found)
      faults.push(
        `routed ${seen.method} ${seen.target.slice(0, 80)}, which was not sent: ${differences[0] ?? 'nothing was left'}`,
      );
  }
}

/** HTTP/1.0 without a host gets the configured one. */
const named = (message: Meaning): Meaning => (message.host === '' ? { ...message, host: 'localhost' } : message);

function checkAnswer(saw: string, routed: Routed | undefined, faults: string[]): void {
  if (routed === undefined) faults.push('an answer without a routed request');
  else if (routed.answer !== (Number(saw) || 0))
    faults.push(`the answer is another request's: ${saw} instead of ${routed.answer}`);
}

export function judgeHttp2(
  meaning: Meaning | 'more' | 'bad',
  { kind, fields, body }: Http2Outcome,
  { routed: all, faults: said }: Origin,
): Verdict {
  const faults = [...said];
  const routed = seenByServers(all);
  if (kind === 'late') faults.push('neither answer nor reset');
  matchRouted(typeof meaning === 'string' ? [] : [meaning], routed, faults);
  const saw = sawOf(fields);
  if (kind === 'answered' && saw === undefined) {
    const status = Number(fields.find(([name]) => name === ':status')?.[1]);
    if (!(status >= 400) && !isGrpcError(fields)) faults.push(`the engine itself answered ${status}`);
  }
  if (saw !== undefined) {
    checkAnswer(saw, routed[0], faults);
    if (kind === 'answered' && body !== '' && body !== `saw ${saw}`)
      faults.push(`the answer's body is ${JSON.stringify(body.slice(0, 60))}`);
  }
  return verdict(faults, kind === 'answered' && saw !== undefined);
}
