/** Runs one probe against a chain and says everything that is not as the data states; none means the chain stands. */
import { until } from '../wait/index.ts';
import { type Forwarded, OWN_FIELDS, octets, type Probe, statuses } from './attack.ts';
import { Conversation, statusOf } from './conversation.ts';
import { type Message, valuesOf } from './message.ts';
import type { Chain } from './run.ts';

export type Connection = 'fresh' | 'reused';

const good = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: good.test\r\nX-Role: admin\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n`;
/** ms until what must come is given up. */
const PATIENCE = 15_000;
let serial = 0;

export async function judgeProbe(probe: Probe, chain: Chain, connection: Connection): Promise<string[]> {
  const faults: string[] = [];
  const say = (text: string): void => void faults.push(text);
  const { recorder } = chain;
  const port = chain.port(probe.listener ?? 'safe');
  recorder.reset();
  if (probe.answer !== undefined)
    recorder.special = { bytes: octets(probe.answer), close: probe.backendCloses === true };
  const client = new Conversation(port);
  try {
    if (connection === 'reused') {
      client.write(good('/warm'));
      if (!(await client.until(() => client.finals.length === 1))) return ['the good request before was not answered'];
      recorder.requests.length = 0;
    }
    const before = client.answers.length;
    if (probe.head === true) client.bodilessAt = before;
    client.write(octets(probe.send));
    await judgeClient(probe, client, client.finals.length, say);
    await judgeRecord(probe, chain, port, say);
    if (probe.unseen !== undefined && client.text.includes(probe.unseen)) say(`the client saw ${probe.unseen}`);
  } finally {
    client.destroy();
  }
  for (const { exit, stderr } of chain.engines) if (exit !== undefined) say(`an engine ended: ${stderr}`);
  return faults;
}

async function judgeClient(
  probe: Probe,
  client: Conversation,
  before: number,
  say: (text: string) => void,
): Promise<void> {
  const wanted = statuses(probe.refuse ?? probe.reply ?? probe.status ?? 200);
  const count = probe.answers ?? probe.forward?.length ?? 1;
  const last = before + count;
  await client.until(() => client.finals.length >= last || client.fault !== '', PATIENCE);
  for (let index = before; index < last; index += 1) {
    const status = statusOf(client.finals[index]);
    if (!wanted.includes(status))
      say(`answer ${status === 0 ? `none (${client.state})` : status}, expected ${wanted.join(' or ')}`);
  }
  if (client.fault !== '') say(`the answer is no HTTP: ${client.fault}`);
  if (probe.refuse !== undefined || probe.closes === true) {
    if (!(await client.closed(PATIENCE))) say('the connection was not closed');
    if (client.finals.length > last) say(`${client.finals.length - last} more answers`);
    return;
  }
  client.write(good('/after'));
  await client.until(() => client.finals.length > last, PATIENCE);
  const after = client.finals[last];
  if (statusOf(after) !== 200 || after?.body !== 'seen /after')
    say(`the next good request got ${after === undefined ? client.state : `${after.line} ${after.body}`}`);
}

async function judgeRecord(probe: Probe, chain: Chain, port: number, say: (text: string) => void): Promise<void> {
  const { recorder } = chain;
  serial += 1;
  const path = `/sentinel-${serial}`;
  const sentinel = new Conversation(port);
  sentinel.write(good(path));
  await sentinel.until(() => sentinel.finals.length > 0, PATIENCE);
  if (sentinel.finals[0]?.body !== `seen ${path}`)
    say(
      `another client's good request got ${sentinel.finals[0]?.line ?? sentinel.state} ${sentinel.finals[0]?.body ?? ''}`,
    );
  sentinel.destroy();
  for (const fault of recorder.faults) say(`the backend got no strict HTTP: ${fault}`);
  const lines = ({ line }: Message): boolean => line !== `GET ${path} HTTP/1.1` && line !== 'GET /after HTTP/1.1';
  const got = recorder.requests.filter(lines);
  const wanted = probe.forward ?? [];
  if (probe.retried === true) while (got.length > 1 && got[0]?.line === got[1]?.line) got.shift();
  if (got.length !== wanted.length)
    say(
      `the backend got ${got.length} requests (${got.map(({ line }) => line).join(' | ')}), expected ${wanted.length}`,
    );
  wanted.forEach((one, index) => compare(one, got[index], say));
  if (recorder.begun === 0) return;
  if (probe.partial !== true) say('the backend got the begin of a request');
  await until(() => recorder.begun === 0, { timeout: PATIENCE }).catch(() =>
    say('the backend connection with a begun request stays open'),
  );
}

export function compare(wanted: Forwarded, got: Message | undefined, say: (text: string) => void): void {
  if (got === undefined) return;
  if (got.line !== wanted.line) say(`the backend got "${got.line}", expected "${wanted.line}"`);
  if (got.body !== (wanted.body ?? '')) say(`the backend got the body ${JSON.stringify(got.body.slice(0, 100))}`);
  const fields = new Map(Object.entries(wanted.fields ?? { host: 'good.test' }));
  for (const [name, value] of got.fields) {
    if (OWN_FIELDS.includes(name)) {
      if (valuesOf(got.fields, name).length !== 1) say(`${name} came more than once`);
    } else if (!fields.has(name)) say(`the backend got ${name}: ${value}`);
    else if (fields.get(name) !== value) say(`the backend got ${name}: ${value}, expected ${fields.get(name) ?? ''}`);
    fields.delete(name);
  }
  for (const name of fields.keys()) if (!OWN_FIELDS.includes(name)) say(`the backend did not get ${name}`);
}
