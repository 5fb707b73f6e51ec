/**
 * The command line's grammar: names, arguments and flags of every command but `proxy` and `version` (main.ts). A command's code is
 * loaded when it is called. These stay stable; scripts rely on them.
 */
import { Command, CommanderError, Option } from 'commander';
import { EXIT_OK, EXIT_USAGE } from '../errors.ts';

type Handler<Flags> = (flags: Flags, args: readonly string[]) => Promise<number> | number;

/**
 * A flag that must be there. Commander's own requiredOption is checked before unknown flags are: a misspelt flag would be told as a missing
 * one.
 */
function needs(flags: string): (command: Command) => void {
  return (command) => {
    const option = command.options.find((one) => one.flags === flags);
    if (option !== undefined && command.getOptionValue(option.attributeName()) === undefined)
      command.error(`error: required option '${flags}' not specified`);
  };
}

const list = (value: string, previous: string[] = []): string[] => [...previous, value];

export async function runProgram(argv: readonly string[]): Promise<number> {
  let code = EXIT_OK;
  /** Connects a command to its handler: flags first, positional arguments after. */
  const act =
    <Flags>(load: () => Promise<Handler<Flags>>) =>
    async (...received: unknown[]): Promise<void> => {
      const self = received.at(-1) as Command;
      code = await (await load())(self.optsWithGlobals() as Flags, self.args);
    };

  const program = new Command('weft')
    .description('A service mesh: control plane, proxies and command line')
    .exitOverride()
    .configureHelp({ sortSubcommands: true })
    .showHelpAfterError('Run with --help for usage.')
    .enablePositionalOptions();
  const command = (name: string, description: string): Command =>
    program.command(name).description(description).exitOverride();
  /** Flags of commands that talk to a control plane. */
  const client = (name: string, description: string, parent: Command = program): Command =>
    parent
      .command(name)
      .description(description)
      .exitOverride()
      .option('--data <dir>', "the control plane's data folder on this host (WEFT_DATA)")
      .option('--control-plane <host:port>', 'a control plane elsewhere')
      .option('--token <token>', 'API token for a control plane elsewhere (WEFT_TOKEN)')
      .option('--ca <file>', "PEM of the control plane's root (WEFT_CA)");

  command('up', 'run the control plane in the foreground')
    .option('--data <dir>', 'data folder (WEFT_DATA)')
    .option('--listen <host:port>', 'address of the TLS port', '127.0.0.1:15012')
    .option('--apply <path>', 'a file or folder of objects to apply and watch; may be repeated', list)
    .option('--prometheus <url>', 'a Prometheus to ask for the past, in place of the built-in store')
    .option('--no-requests', 'keeps no requests that happened: nothing for `why`, `plan --seen` and `learn`')
    .option('--alert-webhook <url>', 'where alerts of ServiceLevels are posted, as JSON')
    .option('--issuer-files <dir>', 'a root from outside: ca-cert.pem, ca-key.pem, cert-chain.pem, root-cert.pem')
    .option('--trust-domain <name>', 'at the first start: trust domain of the mesh default; else weft.local')
    .option('--bundle-endpoint <host:port>', 'where SPIFFE trust bundles are served to other trust domains')
    .option(
      '--bundle-cert <file>',
      'PEM certificate of the bundle endpoint (https_web); default: an SVID (https_spiffe)',
    )
    .option('--bundle-key <file>', 'PEM key of --bundle-cert')
    .option('--signer <address>', 'a root from outside: exec:FILE ARG..., unix:PATH or https://...')
    .action(act(async () => (await import('../commands/up.ts')).up));

  command('run', 'join the mesh with a service, or with a proxy alone')
    .option('--name <name>', 'name of the workload and its service')
    .hook('preAction', needs('--name <name>'))
    .option('--namespace <ns>', 'namespace', 'default')
    .option('--mesh <mesh>', 'mesh that the namespace must be in')
    .option('--service-account <sa>', 'account of the identity; default: the name')
    .option('--version <v>', 'label version')
    .option('--label <key=value>', 'a further label; may be repeated', list)
    .option('--locality <place>', 'where it runs: REGION, REGION/ZONE or REGION/ZONE/SUBZONE')
    .option(
      '--port <[name:]port[/protocol]>',
      'a port that the service listens on (http, http2, grpc, tcp, udp, auto); may be repeated',
      list,
    )
    .option(
      '--readiness <[port]/path>',
      'a GET that is answered with 200 to 399 while the service is ready, such as /healthz or 8081/ready; default: its ports accept',
    )
    .option('--address <ip>', 'address that others reach this host by', '127.0.0.1')
    .option('--upstream <service[:port]=localport>', 'opens a service on loopback; may be repeated', list)
    .option('--http-proxy', 'opens a forward proxy and tells the service of it')
    .addOption(new Option('--engine <engine>', 'data plane').choices(['weft', 'envoy']).default('weft'))
    .option('--no-service', 'registers no Service')
    .addOption(
      new Option('--join <token|file>', 'join token; a file or the variable keeps it out of `ps`').env('WEFT_JOIN'),
    )
    .option('--control-plane <host:port>', 'control plane; default: the one on this host')
    .option('--data <dir>', 'data folder (WEFT_DATA)')
    .option('--admin <socket|port>', 'where the admin interface listens; default: a socket in the agent folder')
    .option('--metrics <port|ip:port>', "where Prometheus reads the proxy's metrics; default: nowhere")
    .option('--drain <duration>', 'how long open exchanges may take at the end', '10s')
    .option('--concurrency <n>', 'threads that the engine serves on; default: what the Mesh says, else 1')
    .option(
      '--identity <issuer>',
      'control-plane, or workload-api[:unix:///PATH]: certificates by the SPIFFE Workload API of another agent',
    )
    .argument('[command...]', 'the service and its arguments, after --')
    .passThroughOptions()
    .action(act(async () => (await import('../commands/run/index.ts')).run));

  command('gateway', 'serve a Gateway: let traffic into the mesh')
    .option('--name <name>', 'name of the Gateway, and account of the identity')
    .hook('preAction', needs('--name <name>'))
    .option('--namespace <ns>', 'namespace of the Gateway', 'default')
    .option('--mesh <mesh>', 'mesh that the namespace must be in')
    .option('--address <ip>', 'address of this host to listen on (default: 127.0.0.1); may be repeated', list)
    .addOption(new Option('--engine <engine>', 'data plane').choices(['weft', 'envoy']).default('weft'))
    .addOption(
      new Option('--join <token|file>', 'join token; a file or the variable keeps it out of `ps`').env('WEFT_JOIN'),
    )
    .option('--control-plane <host:port>', 'control plane; default: the one on this host')
    .option('--data <dir>', 'data folder (WEFT_DATA)')
    .option('--admin <socket|port>', 'where the admin interface listens; default: a socket in the agent folder')
    .option('--metrics <port|ip:port>', "where Prometheus reads the proxy's metrics; default: nowhere")
    .option('--drain <duration>', 'how long open exchanges may take at the end', '10s')
    .option('--concurrency <n>', 'threads that the engine serves on; default: what the Mesh says, else 1')
    .action(act(async () => (await import('../commands/gateway.ts')).gateway));

  command('limiter', 'count requests for all proxies (kind RateLimit, global); run it with `weft run`')
    .option(
      '--listen <host:port>',
      'where it listens, in plaintext: its sidecar is the only one to ask',
      '127.0.0.1:8081',
    )
    .option('--redis <host:port>', 'counters in Redis (WEFT_REDIS_USERNAME, WEFT_REDIS_PASSWORD); default: in memory')
    .option('--redis-tls', 'TLS to Redis')
    .option('--redis-database <n>', 'database of Redis', '0')
    .option('--redis-timeout <ms>', 'how long Redis may take for an answer', '1000')
    .option('--counters <n>', 'counters held in memory at most; the one touched least lately is forgotten', '1000000')
    .action(act(async () => (await import('../commands/limiter.ts')).limiter));

  client('apply', 'create or change objects from files')
    .option('-f, --file <path>', 'file, folder or - for standard input; may be repeated', list)
    .hook('preAction', needs('-f, --file <path>'))
    .option('--wait', 'wait until the proxies have it, and report refusals')
    .option('--dry-run', 'say what would happen')
    .option('--break-invariants', 'apply it even where an Invariant breaks')
    .action(act(async () => (await import('../commands/apply.ts')).apply));

  client('get', 'show objects')
    .argument('<kind>', 'kind, plural or short name')
    .argument('[name]', 'name of one object')
    .option('-n, --namespace <ns>', 'namespace', 'default')
    .option('-A, --all-namespaces', 'of all namespaces')
    .option('-o, --output <form>', 'table, wide, yaml, json or name')
    .option('-w, --watch', 'go on with every change')
    .action(act(async () => (await import('../commands/get.ts')).get));

  client('delete', 'delete objects')
    .argument('[kind]', 'kind, plural or short name')
    .argument('[name...]', 'names')
    .option('-f, --file <path>', 'the objects of a file instead; may be repeated', list)
    .option('-n, --namespace <ns>', 'namespace', 'default')
    .action(act(async () => (await import('../commands/delete.ts')).remove));

  client('history', 'revisions of an object')
    .argument('<kind>')
    .argument('<name>')
    .option('-n, --namespace <ns>', 'namespace', 'default')
    .option('-o, --output <form>', 'table or json')
    .action(act(async () => (await import('../commands/history.ts')).history));

  client('rollback', 'write an object as it was at a revision')
    .argument('<kind>')
    .argument('<name>')
    .option('--to <revision>', 'a revision that `history` shows')
    .hook('preAction', needs('--to <revision>'))
    .option('-n, --namespace <ns>', 'namespace', 'default')
    .action(act(async () => (await import('../commands/history.ts')).rollback));

  client('check', 'find what is wrong, with its place and a remedy')
    .option('-f, --file <path>', 'check files, without a control plane; may be repeated', list)
    .option('-o, --output <form>', 'table or json')
    .action(act(async () => (await import('../commands/check.ts')).check));

  client('slo', 'what services promise and how much of it is used up (ServiceLevels)')
    .option('-n, --namespace <ns>', 'namespace', 'default')
    .option('-A, --all-namespaces', 'of all namespaces')
    .option('--prometheus-rules', 'print rules for a Prometheus instead')
    .option(
      '-f, --file <path>',
      'with --prometheus-rules: of these files, without a control plane; may be repeated',
      list,
    )
    .option('-o, --output <form>', 'table or json')
    .action(act(async () => (await import('../commands/slo.ts')).slo));

  client('bugreport', 'what somebody needs who is to help, in one archive, without secrets')
    .option('-o, --output <file>', 'the archive; default: weft-bugreport-TIME.tar.gz here')
    .action(act(async () => (await import('../commands/bugreport.ts')).bugreport));

  client('dashboard', 'serve the dashboard on this machine and print its link')
    .option('--port <port>', 'port on loopback; default: any free one', '0')
    .action(act(async () => (await import('../commands/dashboard.ts')).dashboard));

  client('explain', 'may a request pass, who says so, and what would change that')
    .argument(
      '<from>',
      'caller: [NAMESPACE/]NAME of a workload, its app or account; `outside`, an IP address, or the SPIFFE ID of a client certificate',
    )
    .argument(
      '<to>',
      'service: [NAMESPACE/]NAME[:PORT]; gateway/[NAMESPACE/]NAME[:PORT]: entered from outside; HOST[:PORT] outside the mesh',
    )
    .argument('[method]', 'method; default: GET')
    .argument('[path]', 'path with its query; default: /')
    .option('-H, --header <name: value>', 'a header of the request; may be repeated', list)
    .option('--jwt <file>', 'a token that the request carries, or its claims as JSON; its signature is not looked at')
    .option('-f, --file <path>', 'ask files, without a control plane; may be repeated', list)
    .option('-n, --namespace <ns>', 'namespace of names without one', 'default')
    .option('-o, --output <form>', 'table or json')
    .action(act(async () => (await import('../commands/explain.ts')).explain));

  client('why', 'a request that happened: what each proxy told of it, who decided, and what explain says')
    .argument('<request-id>', 'its x-request-id')
    .option('-o, --output <form>', 'table or json')
    .action(act(async () => (await import('../commands/why.ts')).why));

  client('plan', 'what applying files would change: proxies, calls allowed and denied, invariants')
    .option('-f, --file <path>', 'file or folder of the objects; may be repeated', list)
    .hook('preAction', needs('-f, --file <path>'))
    .option('--before <path>', 'files that stand for the present, instead of a control plane; may be repeated', list)
    .option('--seen', 'also which of the requests lately seen would fare otherwise')
    .option('--window <duration>', 'of --seen: how far to look back, up to 24h (default: 1h)')
    .option(
      '--replay <file>',
      'also which requests of an access log (JSON lines) would fare otherwise; - is standard input',
    )
    .option('--from <workload>', 'of --replay: caller of lines that name none')
    .option('--to <service>', 'of --replay: where lines went that name no service; gateway/NAME for a Gateway')
    .option('-n, --namespace <ns>', 'of --replay: namespace of names without one', 'default')
    .option('-o, --output <form>', 'table or json')
    .action(act(async () => (await import('../commands/plan.ts')).plan));

  client('learn', 'the calls that were seen, as a proposed allow-list (AccessPolicy, Visibility) in YAML')
    .option('-n, --namespace <ns>', 'namespace of the called services', 'default')
    .option('--window <duration>', 'how far to look back, up to 24h', '1h')
    .option('--requests', 'rules by method and path too')
    .option('--anyway', 'also where too little was seen to go by')
    .action(act(async () => (await import('../commands/learn.ts')).learn));

  command('test', 'run policy tests: given a request, expect a decision')
    .argument('<path...>', 'files, or folders with files *.test.yaml')
    .option('-o, --output <form>', 'table or json')
    .action(act(async () => (await import('../commands/test.ts')).test));

  client('status', 'each proxy: engine, connected, synced or not, certificate')
    .option('-o, --output <form>', 'table or json')
    .action(act(async () => (await import('../commands/status.ts')).status));

  const traffic = (name: string, description: string): Command =>
    client(name, description)
      .option('--window <duration>', 'of how long, up to 10m', '1m')
      .option('-w, --watch', 'again every second');
  traffic('stat', 'success, rate and latency of what the mesh carries')
    .argument('[kind]', 'workloads, services, routes or namespaces; KIND/NAME for one')
    .argument('[name]', 'one of them')
    .option('-n, --namespace <ns>', 'namespace', 'default')
    .option('-A, --all-namespaces', 'of all namespaces')
    .option('--from <workload>', 'only what this workload sent: NAME or NAMESPACE/NAME')
    .option('--to <name>', 'what was sent to this service or workload, by who sent it')
    .option('-o, --output <form>', 'table, wide or json')
    .action(act(async () => (await import('../commands/stat.ts')).stat));
  const tap = (name: string, description: string): Command =>
    client(name, description)
      .option('-n, --namespace <ns>', 'namespace of names without one', 'default')
      .option('--to <name>', 'only calls to this service or workload')
      .option('--method <method>', 'only this method')
      .option('--path <prefix>', 'only paths that begin so')
      .option('--status <status>', 'only this status, or class: 503, 5xx')
      .option('--rate <n>', 'exchanges a second of each proxy that are shown at most');
  tap('tap', 'show single exchanges of a workload as they end')
    .argument('<workload>', 'NAME or NAMESPACE/NAME')
    .option('--max <n>', 'end after so many')
    .option('-o, --output <form>', 'table or json')
    .action(act(async () => (await import('../commands/tap.ts')).tap));
  tap('logs', 'exchanges of a workload from now on, as an access log')
    .argument('<workload>', 'NAME or NAMESPACE/NAME')
    .option('--max <n>', 'end after so many')
    .option('-o, --output <form>', 'table (lines) or json')
    .action(act(async () => (await import('../commands/logs.ts')).logs));
  tap('top', 'what is busiest: paths of a workload, or edges of the mesh')
    .argument('[workload]', 'NAME or NAMESPACE/NAME')
    .option('--for <duration>', 'how long to look where there is no terminal', '10s')
    .option('-o, --output <form>', 'table or json')
    .action(act(async () => (await import('../commands/top.ts')).top));
  traffic('edges', 'who talks to whom, with which identity, secured or not')
    .option('-n, --namespace <ns>', 'only what touches this namespace')
    .option('-o, --output <form>', 'table, wide or json')
    .action(act(async () => (await import('../commands/edges.ts')).edges));
  client('traces', 'requests of the last hour that were traced, where the Mesh names no collector')
    .option('-n, --namespace <ns>', 'only those that touch this namespace')
    .option('--workload <name>', 'only those that touch this workload')
    .option('--errors', 'only those with a failed span')
    .option('--slower-than <duration>', 'only those with a span that took so long')
    .option('--max <n>', 'so many at most (default: 50)')
    .option('-o, --output <form>', 'table or json')
    .action(act(async () => (await import('../commands/traces.ts')).traces));
  client('trace', 'one traced request, span by span')
    .argument('<id>', 'as `weft traces` shows it')
    .option('-o, --output <form>', 'table or json')
    .action(act(async () => (await import('../commands/traces.ts')).trace));
  traffic('graph', 'the service graph as the mesh saw it')
    .option('-n, --namespace <ns>', 'only what touches this namespace')
    .option('-o, --output <form>', 'dot, mermaid or json (default: mermaid)')
    .action(act(async () => (await import('../commands/graph.ts')).graph));

  client('config', 'what a proxy was told to do')
    .argument('<workload>', 'workload, NAME or NAMESPACE/NAME')
    .argument('[table]', 'listeners, routes, clusters, endpoints or secrets')
    .option('-n, --namespace <ns>', 'namespace', 'default')
    .option('-o, --output <form>', 'yaml or json')
    .action(act(async () => (await import('../commands/config.ts')).config));

  const token = program.command('token').description('tokens of workloads and of API users').exitOverride();
  client('create', 'a token that one workload may join with, once, or one for a user of the API', token)
    .option('--service-account <name>', 'account that the workload gets')
    .option('--api-user <name>', 'user of the API, for kubectl and --control-plane; with --role')
    .option('--role <role>', 'what the user may: view, edit or admin')
    .option('--namespace <ns>', "of the workload (default: default), or of the user's role (default: all)")
    .option('--ttl <duration>', 'how long it may be used (default: 10m, for a user 24h; 0: without end)')
    .action(act(async () => (await import('../commands/token.ts')).createToken));
  client('delete', "end an API user's token", token)
    .argument('<id>', 'the middle part of weft_ID_SECRET')
    .action(act(async () => (await import('../commands/token.ts')).deleteToken));

  client('revoke', "end a workload's registration: no further certificate")
    .argument('[workload]', 'workload that `weft status` shows')
    .option('--registration <id>', 'the registration itself')
    .option('-n, --namespace <ns>', 'namespace', 'default')
    .action(act(async () => (await import('../commands/revoke.ts')).revoke));

  const authority = program
    .command('authority')
    .description('roots of the meshes: what is trusted, rotation, taint')
    .exitOverride();
  client('show', 'each mesh: its roots, who signs, what is under way', authority)
    .option('--mesh <mesh>', 'of this mesh alone')
    .option('-o, --output <form>', 'table, json, or spiffe: the bundle for other trust domains')
    .action(act(async () => (await import('../commands/authority.ts')).showAuthority));
  client(
    'rotate',
    'a new root with overlap: trusted by every proxy first, then it signs, then the old one goes',
    authority,
  )
    .option('--mesh <mesh>', 'mesh of the root', 'default')
    .option('--from <issuer>', 'own: a new root made here; files, signer: the one that weft up was given', 'own')
    .option('--timeout <duration>', 'how long to wait for proxies that do not trust the new root yet', '5m')
    .option('--anyway', 'go on without those that lag')
    .option('--retire', 'take the old root out now, though certificates under it may be in use')
    .option('--abandon', 'give up a rotation whose new root does not sign yet')
    .action(act(async () => (await import('../commands/authority.ts')).rotateRoot));
  client(
    'taint',
    'a root whose key may be known to others: replace every certificate under it, then drop it',
    authority,
  )
    .argument('[root]', 'first digits of its SHA-256; default: the one that signs')
    .option('--mesh <mesh>', 'mesh of the root', 'default')
    .action(act(async () => (await import('../commands/authority.ts')).taintRoot));

  command('bootstrap', 'bootstrap of a foreign data plane on the agent of a running workload')
    .argument('<engine>', 'envoy or grpc')
    .option('--name <name>', 'NAME that `weft run` was given, or the workload')
    .hook('preAction', needs('--name <name>'))
    .option('--namespace <ns>', 'namespace', 'default')
    .option('--data <dir>', 'data folder (WEFT_DATA)')
    .action(act(async () => (await import('../commands/bootstrap.ts')).bootstrap));

  command('completion', 'completion script for a shell')
    .argument('<shell>', 'bash, zsh or fish')
    .action(
      act(
        async () =>
          async (_flags: unknown, [shell = '']: readonly string[]) =>
            (await import('../commands/completion.ts')).completion(program, shell),
      ),
    );

  // For help alone: main.ts runs these two without this parser.
  command('proxy', 'run an Envoy v3 bootstrap on our engine: -c FILE [--mode serve|validate] [--concurrency N]');
  command('version', 'version of weft and of what it runs on');

  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    // Commander has printed help, version or the fault already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
    throw error;
  }
}
