// cli.mjs: the passes on files, for build.sh:
//
//     node wasm/passes/cli.mjs linked IN OUT [--preempt] [--single] [--kit]   a linked module, before asyncify
//     node wasm/passes/cli.mjs unwind IN OUT [--kit=SUSPEND]                  after asyncify; SUSPEND: for `kit`
//     node wasm/passes/cli.mjs sites IN OUT                                   preprocessed C, for --check
//     node wasm/passes/cli.mjs waits IN                                       fails if port_wait32 was inlined
//     node wasm/passes/cli.mjs never-suspend                                  prints asyncify's list
//     node wasm/passes/cli.mjs exports OURS.nm LIBC.nm COMPILER.nm OURS.h LIBC.h docs/libc.md   linker's options for
//                                                                             what the kit exports
//     node wasm/passes/cli.mjs kit IN OUT MANIFEST SUSPEND OURS.h ICONV.o     the finished kit and its manifest
import { readFileSync, writeFileSync } from 'node:fs';
import { FUNC, readModule, writeModule } from './binary.mjs';
import { BuildError } from './errors.mjs';
import { KitFrames } from './frames.mjs';
import { exportGlobals, exportWraps, finishKit, kitExports, stubImports, suspending } from './kit.mjs';
import { KEEP, NEVER_SUSPEND, checkLinked, waits } from './linked.mjs';
import { withSites } from './sites.mjs';
import { asyncifyGlobals, limitUnwinding } from './unwind.mjs';

const [verb, ...args] = process.argv.slice(2);
const files = args.filter((a) => !a.startsWith('--')), options = args.filter((a) => a.startsWith('--'));

/** @type {{ [verb: string]: () => void }} */
const verbs = {
  linked() {
    const m = readModule(readFileSync(files[0])), kit = options.includes('--kit');
    if (kit) {
      console.log(`kit: ${stubImports(m).length} imports of libc's have no one who gives them: they fail`);
      exportGlobals(m);
      exportWraps(m);
    }
    checkLinked(m, { preempt: options.includes('--preempt'), single: options.includes('--single'),
      keep: kit ? null : KEEP });
    writeFileSync(files[1], writeModule(m));
  },
  unwind() {
    const m = readModule(readFileSync(files[0])), { data } = asyncifyGlobals(m);
    const suspend = options.find((o) => o.startsWith('--kit='))?.slice(6);
    if (suspend) writeFileSync(suspend, JSON.stringify(suspending(m)));
    const save = m.functionNamed('port_save');
    if (save < 0) throw new BuildError('the module has no port_save: was it linked without wasm/port/switch.c?');
    const own = m.exports.filter((e) => e.kind === FUNC && e.name.startsWith('asyncify_'));
    const suspends = limitUnwinding(m, { data, save, helpers: new Set(own.map((e) => e.index)),
      frames: suspend ? new KitFrames() : undefined });
    if (suspends === 0) throw new BuildError('asyncify stores no locals anywhere');
    writeFileSync(files[1], writeModule(m));
  },
  kit() {
    const { wasm, manifest } = finishKit(readFileSync(files[0]), JSON.parse(readFileSync(files[3], 'utf8')),
      readFileSync(files[4], 'utf8'), readFileSync(files[5]));
    writeFileSync(files[1], wasm);
    writeFileSync(files[2], JSON.stringify(manifest));
  },
  exports() {
    const [ours, libc, compiler, ourHeaders, libcHeaders, docs] = files.map((f) => readFileSync(f, 'utf8'));
    const names = kitExports({ ours, libc, compiler, ourHeaders, libcHeaders, docs });
    console.log(names.map((name) => `-Wl,--export=${name}`).join('\n'));
  },
  sites() { writeFileSync(files[1], withSites(readFileSync(files[0], 'utf8'))); },
  waits() {
    const n = waits(readModule(readFileSync(files[0])));
    if (n > 1) {
      throw new BuildError(`memory.atomic.wait32 stands in ${n} places of ${files[0]}, must be one: ` +
        'port_wait32 was inlined (wasm/port/emscripten.c)');
    }
  },
  'never-suspend'() { console.log(NEVER_SUSPEND.join(',')); },
};

try {
  const run = verbs[verb];
  if (!run) throw new BuildError(`cli.mjs: unknown verb '${verb}'`);
  run();
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.error(`wasm/passes: ${error.message}`);
  process.exitCode = 1;
}
