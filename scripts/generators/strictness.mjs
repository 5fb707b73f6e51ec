// docs/strictness.md: the attack list on the wire (e2e/attacks/*.yaml) and where Envoy differs (e2e/attacks/envoy.json).
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expected, readAttackRows, readAttacks } from '@weft/testkit/attacks';
import { readMessageAttacks } from '@weft/testkit/attacks-http2';
import { RING_PATHS } from '@weft/testkit/ring';

const ringCorpus = readFileSync(new URL('../../e2e/ring/corpus.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n').length;
const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../e2e/attacks');

export function outputs() {
  const attacks = globSync('*.yaml', { cwd: folder })
    .sort()
    .flatMap((file) => readAttacks(path.join(folder, file)))
    .sort((a, b) => a.row - b.row);
  const envoy = JSON.parse(readFileSync(path.join(folder, 'envoy.json'), 'utf8'));
  const costs = JSON.parse(readFileSync(path.join(folder, 'costs.json'), 'utf8'));
  const all = attacks.flatMap(({ row, probes }) =>
    probes.map((probe) => ({ row, probe, key: `${row}: ${probe.name}` })),
  );
  const overHttp2 = readMessageAttacks(path.join(folder, '../attacks-http2/messages.yaml'));
  const differing = all.filter(({ key }) => envoy.differences[key] !== undefined);
  const accepted = all.filter(({ probe }) => probe.why !== undefined);
  return new Map([
    [
      'docs/strictness.md',
      [
        '# What the engine refuses on the wire',
        '',
        'Generated from `e2e/attacks` by `npm run generate`. `e2e/attacks.test.ts` sends every case as raw octets on a fresh and on a reused',
        'connection, through one engine and through two, in front of a server that records each octet it gets; after each, another client and',
        '(where the connection goes on) the same client must be served as if nothing had happened. The configuration is the one our compiler',
        'writes. `e2e/attack-limits.test.ts` judges rows 9, 15, 43, 50, 79 and 81 by amount and slowness: time-outs, memory (at most 16 MiB more',
        'after 1,152 bad requests of 64 kB; at most 256 KiB for an unfinished head of 59 kB), CPU (a bad request at most ten times a good one of as',
        'many octets), 1,000 idle connections beside good traffic, access log and metric labels. `e2e/attack-tls.test.ts` and',
        '`e2e/attack-certificates.test.ts` attack a listener that demands client certificates, of one engine and of the first of two.',
        '',
        '## Every row and its tests',
        '',
        'Generated from `e2e/attack-rows.yaml`; `e2e/attack-rows.test.ts` fails where a row (1 to 90) has neither a test that exists nor a',
        'reason. Cases of `attacks` and `attacks-http2` run on fresh and reused connections, through one engine and two.',
        '',
        ...table(
          ['Row', 'Tests', 'How'],
          readAttackRows().map(({ row, tests, how, why }) => [
            row,
            [...new Set(tests.map(({ file }) => `\`${file}\``))].join(', '),
            why === '' ? how : `does not apply: ${why}`,
          ]),
        ),
        '',
        '## The differential ring',
        '',
        '`npm run bench -- ring --payloads 100000 --seed N [--path NAME]` sends generated payloads (HTTP/1.1 and HTTP/2; by the grammar with up to three',
        'known tricks at a time, and by changed octets; cut into writes; on new and on used connections) along these paths:',
        '',
        ...table(
          ['Path', 'Between our engines and behind them', 'Share'],
          RING_PATHS.map(({ name, hops, share }) => [
            `\`${name}\``,
            hops.join(', then '),
            `${Math.round(share * 100)} %`,
          ]),
        ),
        '',
        'Requests: each octet that the last engine writes goes unchanged to nginx, HAProxy, Envoy and Node, which must all understand the one request that was',
        'routed: method, target, host, fields, body and number. What was routed must be what an independent reading of the RFCs',
        '(`testkit/ring/reference.ts`) takes the payload for, and the client must get the one answer that belongs to it. Answers: a hostile server answers',
        'by raw octets or frames, and nine clients ask through the engine: octets read strictly, Node and curl, each in HTTP/1.1 and HTTP/2, and nginx, HAProxy and',
        'Envoy as proxies. Either nobody sees it, or each sees the one answer of the independent reading (`testkit/ring/answer-reference.ts`), whole or visibly',
        'cut, and never a part of another one. (Of two `content-type` fields nginx hands on one.)',
        '',
        'Seed 2026 on a busy machine of two cores: 100,000 payloads in 430 s, 0 disagreements; 28,733 went through whole, 71,267 were refused at least in part.',
        'Requests that a backend refuses by itself (methods it does not know, TRACE, upgrades) were seen by no application there and are counted apart (at most',
        '1 % of a path). Good answers that the engine refuses: 2 to 6 % of the payloads (heads beyond its limits, mostly). `e2e/ring.test.ts` is the short form:',
        'on each path one fixed set and one of a new seed; a naive proxy in place of the engine is caught both ways; `e2e/ring/corpus.jsonl` keeps',
        `${ringCorpus} payloads that once made a difference. One of them again: \`--path NAME --seed N --index I\`, or \`--file FILE\` for lines as it prints them.`,
        '',
        'Coverage-guided fuzzing: `npm run bench -- fuzz --minutes N [--only TARGET] [--keep]` changes inputs of HTTP/1.1 requests and responses, HPACK, the TLS',
        'inspector, the PROXY protocol, DER, gRPC messages, gRPC-Web both ways and whole HTTP/2 connections of either role, and keeps those that reach new blocks of `wire/`. Oracles: no exception, no',
        'stall (100 ms), the same result however the octets are cut, round trips, for requests the reading of the ring; for HTTP/2 streams and windows within',
        'their limits, an answer in proportion to what came, whole frames in an order that a peer must take, nothing told behind an end, no stream left behind.',
        '`testkit/fuzz/corpus` is replayed by the tests. Last round (1 to 3 minutes a target, 350,000 inputs): one fault, in the TLS inspector (what stood behind a',
        'whole ClientHello decided, by how the octets were cut, whether it was malformed), mended; 0 elsewhere, 29,000 inputs of gRPC among them.',
        '',
        '`npm run bench -- crowd [--connections N]` has slowhttptest in its four modes beside paced good traffic, Envoy in turn with our engine (engine on one core,',
        "clients and backend on the other), and bursts: N connections send while the engine is stopped, and what counts is the engine's own CPU until a good request",
        'that came among them is answered, which no other work on the machine touches. 3,000 connections, the least of five (ms; the good request first / in the middle / last):',
        '',
        ...table(
          ['At once', 'Weft', 'Envoy'],
          [
            ['an octet of a head each', '25 / 17 / 18', '26 / 19 / 19'],
            ['24 octets of a body each', '59 / 76 / 81', '70 / 75 / 81'],
            ['a whole request each', '83 / 111 / 127', '190 / 289 / 243'],
          ],
        ),
        '',
        "A piece from a slow client costs as much as Envoy's, 6 us in a head and 25 in a body, nearly all of it the kernel's; heads are parsed on from where they",
        'stopped, all time-outs of an engine stand in one wheel. What a good request waits for is the queue of readable sockets, which the kernel hands out in order of',
        'arrival to both; an answer leaves after at most 64 other reads (`proxy/time/turn-end.ts`; before, after all of them: 62 instead of 46 ms with 2,000 requests at once).',
        "CPU of 8,000 slow connections in 14 s, ours / Envoy's, beside other work: heads 1.9 / 1.4 s, bodies 2.9 / 1.3, ranges 2.6 / 2.8, reads 2.1 / 2.1 (what slowhttptest got",
        'to send on the taken cores is not the same in each); memory 16 to 52 MiB more, Envoy 6 to 70. p99 within twice the baseline is not shown: 10,000 connections and requests that',
        'come within a second fill a core of either proxy for a second or more, and baselines of one run on this machine differ by up to six times (10,000 before: 7.5 ms beside',
        '2.2 and 1.0 alone).',
        '',
        '## What an attack costs',
        '',
        'Stated: CPU at most ten times that of a good request of as many octets (answers of a hostile backend counted), memory at most 256 KiB more resident for',
        'each connection that attacks. `e2e/attack-costs.test.ts` holds that for every case of `e2e/attacks` and `e2e/attacks-http2` and every flood of',
        '`testkit/attacks-http2/floods.ts`, 32 at once, each on its own connection; CPU of all threads of the engine by the scheduler, memory by the peak of what is',
        'resident. `npm run bench -- attack-costs --json e2e/attacks/costs.json` measures (two or three rounds, the least CPU and the most memory count) what follows,',
        `here on a busy machine, where a dear case of few octets is mostly others' work: between two runs they change places. After all cases once more: ${Math.round(costs.grown / 1024)} MiB more resident.`,
        '',
        ...table(
          ['Row', 'Cases', 'The dearest', 'CPU, times a good request', 'Most KiB a connection'],
          costs.rows.map(({ row, attacks: count, dearest, cpu, memory }) => [row, String(count), dearest, cpu, memory]),
        ),
        '',
        '## The list',
        '',
        ...table(
          ['Row', 'Attack', 'Source', 'Cases'],
          attacks.map(({ row, title, source, probes }) => [row, title, source, probes.length]),
        ),
        '',
        '## The list over HTTP/2',
        '',
        'The same by frames (`e2e/attacks-http2`, `e2e/attacks-http2.test.ts`): a malformed message is a reset of its stream with PROTOCOL_ERROR, the connection',
        'serves on, and the backend sees nothing of it. h2spec (`e2e/h2spec.test.ts`) passes with its strict cases.',
        '`e2e/attack-http2-limits.test.ts` does rows 35 to 39 and 42 to 44 by amount: a client gets GOAWAY ENHANCE_YOUR_CALM after 100 resets (its own, or',
        'provoked) that no finished stream excuses, beyond 100 a second; after 2,000 control frames, empty DATA and unneeded WINDOW_UPDATEs, beyond 500 a',
        'second; after 16 CONTINUATIONs or a block of twice the header limit; after a block that decodes to 16 times the limit. 60 floods of 200 to 500 kB',
        'leave at most 64 MiB more resident and cost at most ten times the CPU of good requests of as many octets; 20 streams without window hold at most 20 MiB;',
        '`e2e/attack-http2-upstream.test.ts` does row 45 (27 hostile backends), `e2e/one-view.test.ts` the property that HTTP/1.1 and HTTP/2 are decided alike;',
        '960 cancelled streams of 14 kB each leave at most 12 MiB. `e2e/tunnels.test.ts` does row 47 (frames of WebSocket pass unchanged, bounded).',
        '',
        ...table(
          ['Row', 'Attack', 'Source', 'Cases'],
          overHttp2.map(({ row, title, source, probes }) => [row, title, source, probes.length]),
        ),
        '',
        '## Accepted, because the RFC says so',
        '',
        ...table(
          ['Row', 'Case', 'Why'],
          accepted.map(({ row, probe }) => [row, probe.name, probe.why]),
        ),
        '',
        `## Where Envoy ${envoy.version} differs`,
        '',
        `Same bootstrap, fresh connection, for information: ${differing.length} of ${all.length} cases. \`node e2e/attacks/observe-envoy.ts\` asks Envoy again.`,
        '"forwarded" means that the backend got a whole request; a number is the status the client got.',
        '',
        ...table(
          ['Row', 'Case', 'Weft', 'Envoy'],
          differing.map(({ row, probe, key }) => [row, probe.name, expected(probe), envoy.differences[key]]),
        ),
        '',
      ].join('\n'),
    ],
  ]);
}

const cell = (value) => String(value).replaceAll('|', '\\|').replace(/__/g, '\\_\\_').replaceAll('*', '\\*');

const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row, index) => `| ${row.map(index === 1 ? String : cell).join(' | ')} |`);
