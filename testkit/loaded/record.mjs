// For `node --import`: appends the path of every module that the process loads to the file WEFT_LOADED_MODULES, one a line.
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const file = process.env.WEFT_LOADED_MODULES ?? '';
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    appendFileSync(file, `${url}\n`);
    return loaded;
  },
});
