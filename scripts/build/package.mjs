// What stands around the bundle in the published package: manifest, program, licences, the dashboard's files.
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Lines of apps/weft/bin/weft -> what stands there in the package. Each must be found. */
const PROGRAM = (nodes) => [
  [
    'node=$here/../../../node_modules/.bin/node\n[ -x "$node" ] || node=node\n',
    `# npm puts the package of Node beside this one, or into it.
node=node
for found in ${nodes.flatMap((name) => [`"$here/../node_modules/${name}/bin/node"`, `"$here/../../${name}/bin/node"`]).join(' ')}; do
  if [ -x "$found" ]; then
    node=$found
    break
  fi
done
`,
  ],
  ['Starts weft on the Node that the project brings', 'Starts weft on the Node that its package brings'],
];

function program(text, nodes) {
  let made = text;
  for (const [from, to] of PROGRAM(nodes)) {
    if (!made.includes(from))
      throw new Error(`apps/weft/bin/weft: the build replaces this and it is not there:\n${from}`);
    made = made.replace(from, () => to);
  }
  if (!made.includes('"$here/weft.mjs"')) throw new Error('apps/weft/bin/weft: starts another file than weft.mjs');
  return made.replaceAll('"$here/weft.mjs"', '"$here/../lib/weft.js"');
}

/** The licence of each package whose code is in the build, in full. */
function notices(root, packages) {
  const parts = [...packages].sort().map((name) => {
    const folder = path.join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    return `## ${name} ${version} (${license})\n\n${readFileSync(path.join(folder, 'LICENSE'), 'utf8').trim()}\n`;
  });
  return `# Third parties in this package\n\nTheir code is among that of lib/ and dashboard/vendor/.\n\n${parts.join('\n')}`;
}

/**
 * @param {string} root of the checkout
 * @param {{files: Map<string, string>, packages: Set<string>}} bundle
 * @returns {Promise<Map<string, {text: string, program?: boolean}>>} every file of the package, by path
 */
export async function packageFiles(root, { files, packages }) {
  const read = (file) => readFileSync(path.join(root, file), 'utf8');
  const workspace = JSON.parse(read('package.json'));
  const { browserFiles } = await import('../../dashboard/server/browser-files.ts');
  const dashboard = Object.keys(JSON.parse(read('dashboard/package.json')).dependencies);
  const manifest = {
    name: 'weft',
    version: workspace.version,
    description: workspace.description,
    license: workspace.license,
    // Nobody has said yet under which name it would go to a registry.
    private: true,
    type: 'module',
    bin: { weft: 'bin/weft' },
    engines: workspace.engines,
    optionalDependencies: workspace.optionalDependencies,
  };
  const text = (value) => ({ text: value });
  return new Map([
    ['package.json', text(`${JSON.stringify(manifest, undefined, 2)}\n`)],
    [
      'bin/weft',
      { text: program(read('apps/weft/bin/weft'), Object.keys(workspace.optionalDependencies)), program: true },
    ],
    ['THIRD-PARTY.md', text(notices(root, new Set([...packages, ...dashboard])))],
    ...['LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md'].map((file) => [file, text(read(file))]),
    ...[...files].map(([name, value]) => [`lib/${name}`, text(value)]),
    ...[...browserFiles()].map(([name, value]) => [`dashboard/${name}`, text(value)]),
  ]);
}
