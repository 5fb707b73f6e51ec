/** `npm run bench -- NAME [flags]`: picks the benchmark; the flags after it are the benchmark's own. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { benchProxy } from './proxy/index.ts';

const USAGE = `bench: npm run bench -- NAME
  proxy [--quick] [--only NAME] [--json FILE] [--checkout]             our engine, as users install it, against Envoy
  path [--only NAME] [--turns N]                                       our own HTTP/2 path on sockets in memory: build against build
  request-cost                                                         CPU a request beside a plain proxy of Node's own modules
  observer [--only NAME] [--blocks N] [--processes N] [--count]        what records, logs and traces cost a request, with good and bad sinks
  matchers [--turns N] [--routes N] [--rules N]                        1,000 routes and 1,000 access rules against one of each
  ads [--streams N] [--changes N] [--tables own|shared] [--json FILE]  the control plane with many streams
  taint [--proxies N] [--json FILE]                                     a tainted root: every certificate replaced
  traffic [--proxies N] [--edges N] [--seconds N] [--rate N] [--tls] [--driven]  the control plane while all agents report what they count
  records                                                              what it takes to count one exchange
  store-kill [--rounds N]                                              the store under SIGKILL
  pairings [--engine weft|envoy]                                       100 MB through every pairing of protocols, one engine and two
  ring [--payloads N] [--path NAME] [--seed N] [--file FILE]           hostile requests and answers through our engines
  crowd [--connections N] [--rounds N] [--engine weft|envoy|both] [--only burst|slow] good traffic beside slow clients
  attack-costs [--rounds N] [--json FILE]                              CPU and memory of each attack beside a good request
  fuzz [--minutes N] [--only TARGET] [--seed N] [--keep]               the decoders of wire/, guided by coverage
  compile [--scope upstreams|all] [--changes N] [--json FILE]          what compiling 5,000 services for 1,000 proxies costs
  agree [--meshes N] [--requests N] [--seed N] [--first N] [--engine weft|envoy] [--with FEATURE]... [--show N]  what explain says against what both engines do
  policy-churn [--seconds N] [--rate N] [--changes N] [--engine weft|envoy] [--limiter] [--on-failure Allow|Deny] [--rotate]  requests while policies change
  graph [--services N] [--edges N] [--seconds N] [--whole] [--picture FILE]  the dashboard's graph in a real Chromium
  truth [--requests N] [--lanes N]                                     what is counted against what happened
  soak [--minutes N] [--engine weft|envoy|mixed] [--json FILE]         a whole mesh, everything about it changing
`;

/** What `apps/weft/bin/weft` gives to the control plane's Node. */
const AS_WEFT_UP = [
  '--single-threaded-gc',
  '--max-semi-space-size=4',
  '--initial-old-space-size=64',
  '--heap-growing-percent=30',
];
/** And to an engine. */
const AS_WEFT_PROXY = ['--max-semi-space-size=2'];

const [name, ...flags] = process.argv.slice(2);

switch (name) {
  case 'proxy':
    process.exitCode = await benchProxy(proxyFlags(flags));
    break;
  case 'path':
    process.exitCode = await script('path/main.ts', flags, AS_WEFT_PROXY);
    break;
  case 'request-cost':
    process.exitCode = await script('request-cost/main.ts', flags);
    break;
  case 'observer':
    process.exitCode = await script('path/observer-main.ts', flags, AS_WEFT_PROXY);
    break;
  case 'matchers':
    process.exitCode = await script('path/matchers-main.ts', flags, AS_WEFT_PROXY);
    break;
  case 'ads':
    process.exitCode = await script('ads-scale.ts', flags, AS_WEFT_UP);
    break;
  case 'taint':
    process.exitCode = await script('taint.ts', flags);
    break;
  case 'traffic':
    process.exitCode = await script('traffic/main.ts', flags);
    break;
  case 'records':
    process.exitCode = await script('traffic/records.ts', flags, AS_WEFT_PROXY);
    break;
  case 'store-kill':
    process.exitCode = await script('store-kill.ts', flags);
    break;
  case 'pairings':
    process.exitCode = await script('pairings.ts', flags);
    break;
  case 'ring':
    process.exitCode = await script('ring.ts', flags);
    break;
  case 'attack-costs':
    process.exitCode = await script('attack-costs.ts', flags);
    break;
  case 'crowd':
    process.exitCode = await script('crowd.ts', flags);
    break;
  case 'fuzz':
    process.exitCode = await script('fuzz.ts', flags);
    break;
  case 'compile':
    process.exitCode = await script('compile.ts', flags, AS_WEFT_UP);
    break;
  case 'agree':
    process.exitCode = await script('agree.ts', flags);
    break;
  case 'policy-churn':
    process.exitCode = await script('policy-churn.ts', flags);
    break;
  case 'soak':
    process.exitCode = await script('soak/main.ts', flags);
    break;
  case 'graph':
    process.exitCode = await script('graph.ts', flags);
    break;
  case 'truth':
    process.exitCode = await script('truth.ts', flags);
    break;
  default:
    process.stderr.write(USAGE);
    process.exitCode = 2;
}

function proxyFlags(args: readonly string[]): Parameters<typeof benchProxy>[0] {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      json: { type: 'string' },
      checkout: { type: 'boolean', default: false },
    },
  });
  return { quick: values.quick, only: values.only, json: values.json, checkout: values.checkout };
}

/** A benchmark that measures its own process, so it gets one; its exit code. */
function script(file: string, args: readonly string[], nodeFlags: readonly string[] = []): Promise<number> {
  const command = [...nodeFlags, path.join(import.meta.dirname, file), ...args];
  const child = spawn(process.execPath, command, { stdio: 'inherit' });
  // A benchmark that is told to end does so itself, and ends what it started. A terminal sends INT to all of them.
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
