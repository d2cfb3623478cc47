// Lets Node read the desk's own sources as they are: an import without an ending means a TypeScript file.

import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, next) {
    const ours = specifier.startsWith(".") && !/\.[a-z]+$/.test(specifier);
    return next(ours ? `${specifier}.ts` : specifier, context);
  },
});
