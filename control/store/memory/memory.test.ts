import { storeContract, value } from '../testing/contract.ts';
import { memoryStore } from './index.ts';

storeContract('memory', {
  make: async (t, clock) => {
    const store = memoryStore({ clock });
    value(await store.start());
    t.after(() => store.stop());
    return store;
  },
});
