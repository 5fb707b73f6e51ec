/**
 * The dashboard's files as a browser takes them: our TypeScript without its types, and the libraries' modules, all from this host. Names in
 * imports that are no paths are replaced by paths, so that no import map (an inline script) is needed.
 */
import { globSync, readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import path from 'node:path';

const BROWSER = path.resolve(import.meta.dirname, '../browser');
const require = createRequire(import.meta.url);
/** Folders of core that the browser shares with the rest: arithmetic, what a trace is read as, and what both stand on. */
const SHARED = ['kernel', 'traffic', 'traces'];
const sharedFolder = (name: string): string => path.resolve(import.meta.dirname, '../../core', name);

/** Bare name in an import -> path that it is served at. */
const LIBRARIES: Readonly<Record<string, { readonly served: string; readonly file: string }>> = {
  preact: { served: 'vendor/preact.js', file: packageFile('preact', 'dist/preact.mjs') },
  'preact/hooks': { served: 'vendor/hooks.js', file: packageFile('preact', 'hooks/dist/hooks.mjs') },
  ...Object.fromEntries(
    SHARED.map((name) => [
      `@weft/core/${name}`,
      { served: `core/${name}/index.ts`, file: path.join(sharedFolder(name), 'index.ts') },
    ]),
  ),
  uplot: { served: 'vendor/uplot.js', file: packageFile('uplot', 'dist/uPlot.esm.js') },
};

/** Text by path below the dashboard's root. */
export function browserFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const file of globSync('**/*.{ts,css,svg,html}', { cwd: BROWSER }).sort()) {
    if (file.endsWith('.test.ts')) continue;
    const text = readFileSync(path.join(BROWSER, file), 'utf8');
    files.set(file, file.endsWith('.ts') ? linked(stripTypeScriptTypes(text)) : text);
  }
  for (const name of SHARED) {
    for (const file of globSync('*.ts', { cwd: sharedFolder(name) }).sort()) {
      if (file.endsWith('.test.ts')) continue;
      const text = readFileSync(path.join(sharedFolder(name), file), 'utf8');
      files.set(`core/${name}/${file}`, linked(stripTypeScriptTypes(text)));
    }
  }
  for (const { served, file } of Object.values(LIBRARIES).filter((library) => library.served.startsWith('vendor/')))
    files.set(served, linked(readFileSync(file, 'utf8').replace(/\n\/\/# sourceMappingURL=.*/, '')));
  files.set('vendor/uplot.css', readFileSync(packageFile('uplot', 'dist/uPlot.min.css'), 'utf8'));
  return files;
}

const linked = (code: string): string =>
  code.replaceAll(
    /(\bfrom\s*|\bimport\s*)(["'])([@\w/-]+)\2/g,
    (written, before: string, quote: string, name: string) => {
      const library = LIBRARIES[name];
      return library === undefined ? written : `${before}${quote}/dashboard/${library.served}${quote}`;
    },
  );

function packageFile(name: string, file: string): string {
  return path.join(path.dirname(require.resolve(`${name}/package.json`)), file);
}
