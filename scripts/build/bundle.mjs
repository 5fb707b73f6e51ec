// The bundle: every module of `weft`, third parties' among them, in few files of plain JavaScript. Names, and a comment with each module's path, stay:
// a stack trace is read without a source map.
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { ascii, builtins } from './plain-code.mjs';
import { chunkName, DATA, ownPlace, pointed, REPLACED } from './reached-by-path.mjs';

const ENTRY = 'apps/weft/bin/weft.mjs';

/**
 * What a sidecar's start needs is one chunk: modules cost by their number. The group is closed under imports, so no two chunks import each
 * other. All else is divided by who needs it.
 */
const ENGINE = ['apps/weft/main.ts', 'apps/weft/commands/proxy.ts', 'apps/weft/engine/run-bootstrap.ts'];

/** What a library asks for in a way that never happens here: it is not in the build. */
const NEVER = { '@grpc/proto-loader': 'by grpc-js, for its channelz and ORCA services, which nobody starts' };

/**
 * @param {string} root of the checkout
 * @returns {Promise<{files: Map<string, string>, packages: Set<string>, problems: string[]}>} `files`: text by name, below the folder of the
 *   chunks; `packages`: names of the third parties in them; `problems`: each says its place, and none may be passed over.
 */
export async function bundle(root) {
  const problems = [];
  const data = new Set();
  /** Chunk -> module, of those that are loaded by path. */
  const byPath = new Map();
  const engine = new Set();
  const below = (id) => path.relative(root, id).replaceAll(path.sep, '/');

  const plugin = {
    name: 'weft',
    resolveId: {
      order: 'pre',
      handler(source, importer) {
        if (Object.hasOwn(NEVER, source)) return { id: source, external: true };
        const replaced = importer && source.startsWith('.') && REPLACED[below(path.resolve(importer, '..', source))];
        return replaced ? path.join(root, replaced) : undefined;
      },
    },
    async transform(text, id) {
      if (!path.isAbsolute(id)) return undefined;
      const file = below(id);
      if (file.includes('node_modules/')) {
        problems.push(...ownPlace(file, text));
        return undefined;
      }
      const made = pointed(file, text);
      problems.push(...made.problems);
      for (const name of made.data) data.add(name);
      for (const { target, chunk } of made.modules) {
        const found = await this.resolve(target, id);
        if (found === null) problems.push(`${file}: ${target} is not there`);
        else if ((byPath.get(chunk) ?? found.id) !== found.id)
          problems.push(`${file}: two modules want to be ${chunk}`);
        else if (!byPath.has(chunk)) {
          byPath.set(chunk, found.id);
          this.emitFile({ type: 'chunk', id: found.id, fileName: chunk, preserveSignature: 'strict' });
        }
      }
      return made.text === text ? undefined : { code: made.text };
    },
    buildEnd() {
      const reach = (id) => {
        const info = this.getModuleInfo(id);
        if (info === null || engine.has(id)) return;
        engine.add(id);
        info.importedIds.forEach(reach);
      };
      for (const file of ENGINE) {
        if (this.getModuleInfo(path.join(root, file)) === null)
          problems.push(`${file}: the build's engine begins there, and it is not there`);
        reach(path.join(root, file));
      }
    },
  };

  const build = await rolldown({
    cwd: root,
    input: { weft: ENTRY },
    platform: 'node',
    external: builtinModules.flatMap((name) => [name, `node:${name}`]),
    plugins: [plugin],
    onLog(level, log) {
      if (level === 'warn') problems.push(`${log.code ?? 'bundler'}: ${log.message}`);
    },
  });
  const { output } = await build.generate({
    format: 'es',
    entryFileNames: '[name].js',
    chunkFileNames: ({ name, facadeModuleId, moduleIds }) =>
      name === 'engine' ? 'engine.js' : chunkName(below(facadeModuleId ?? moduleIds.at(-1) ?? 'runtime')),
    comments: { legal: true, annotation: false, jsdoc: false },
    codeSplitting: { groups: [{ name: 'engine', test: (id) => engine.has(id) }] },
  });
  await build.close();

  problems.push(
    ...circles(output).map((names) => `chunks import each other, so that one runs before what it needs: ${names}`),
  );
  const files = new Map();
  const packages = new Set();
  for (const chunk of output) {
    if (chunk.type !== 'chunk') {
      problems.push(`${chunk.fileName}: the bundler made a file that is no chunk`);
      continue;
    }
    const name = chunk.fileName;
    // The entry says what is wrong on a Node that has not even what the others' first lines ask for.
    const made =
      chunk.isEntry && chunk.facadeModuleId === path.join(root, ENTRY)
        ? { code: chunk.code, problems: [] }
        : builtins(chunk.code);
    problems.push(...made.problems.map((problem) => `${name}: ${problem}`));
    files.set(name, ascii(made.code));
    for (const id of chunk.moduleIds) {
      const [, found] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id) ?? [];
      if (found !== undefined) packages.add(found);
    }
  }
  for (const file of data)
    if (DATA[file].startsWith('./')) files.set(DATA[file].slice(2), readFileSync(path.join(root, file), 'utf8'));
  return { files, packages, problems };
}

/** Chunks that are reached from themselves by static imports. */
function circles(output) {
  const imports = new Map(output.map((chunk) => [chunk.fileName, chunk.imports ?? []]));
  const found = [];
  const visit = (name, way) => {
    if (way.includes(name)) found.push([...way.slice(way.indexOf(name)), name].join(' -> '));
    else if (!visited.has(name)) for (const next of imports.get(name) ?? []) visit(next, [...way, name]);
    visited.add(name);
  };
  const visited = new Set();
  for (const name of imports.keys()) visit(name, []);
  return found;
}
