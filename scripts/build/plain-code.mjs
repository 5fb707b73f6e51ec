// What is done to a chunk's text after it was bundled, each because a process of it then takes less (docs/performance.md).

const IMPORT = /^import (?:([\w$]+)(?:, )?)?(?:\* as ([\w$]+)|\{ ([^}]*) \})? ?(?:from )?"(node:[\w/]+)";$/gm;

/**
 * Node's own modules without their form as ES modules: that form reads every export, which loads what none of us asked for (WebCrypto, promises of
 * fs, readline).
 * @param {string} code a chunk as the bundler writes it: one import a line
 */
export function builtins(code) {
  const made = code.replaceAll(IMPORT, (_, name, space, named, module) => {
    const got = `globalThis.process.getBuiltinModule("${module}")`;
    const taken = [name, space].filter((word) => word !== undefined);
    if (named !== undefined) taken.push(`{ ${named.replaceAll(' as ', ': ')} }`);
    return taken.length === 0 ? `${got};` : `const ${taken.map((word) => `${word} = ${got}`).join(', ')};`;
  });
  const problems = made.match(/^(?:import|export)\b.*"node:.*$/gm) ?? [];
  return { code: made, problems: problems.map((line) => `an import of another form than the build knows: ${line}`) };
}

/** One octet a character in memory, not two: only literals have others (identifiers of ours are ASCII, comments are gone). */
export const ascii = (code) =>
  code.replaceAll(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
