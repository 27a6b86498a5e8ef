"""The runner: executes a bundle's artifact on arrays, times it, and looks inside.

It is the same on every device: `archive.py` packs this package into one file that Python starts.

    python runner.pyz BUNDLE INPUTS OUTPUTS [--threads N] [--warmup N] [--runs N]
                      [--against BUNDLE [--swap]] [--batch N] [--sustained SECONDS] [--plain]
                      [--tap TENSOR ...] [--profile [--profile-runs N]] [--session NAME=FILE:CLASS]

INPUTS is a folder with one `<input name>.npy` per input, float32 [N, ...] in the layout of the
manifest. OUTPUTS becomes a folder with `logits.npy`, float32 [N, C], and `result.json`.

=============  =====================================================================================
run            every sample, once
time           the first sample, `--runs` times, after `--warmup` untimed runs or, with `--warmup
               -1`, after as many as it takes until the times have settled. `--against` times
               another bundle in the same process, in turns with this one; `--batch` times N copies
               of the sample at once and `--sustained` one sample without a pause. What they find is
               in `timing` of the result
trace          `--tap` puts a tensor inside of the artifact out besides, for every sample, once for
               each: `trace.npz` holds them in their order
profile        `--profile` has the runtime's own profiler say where the time goes: `kernels` of the
               result. `--profile-runs` says of how many inferences
=============  =====================================================================================

`--plain` executes with the runtime's plain kernels, one for each operator of the file, without what
makes them fast on this processor: slower, and what the fast ones are held against. `--session`
names a session from a file of its own, for artifacts whose manifest's `runner` is NAME.

It needs numpy and the artifact's runtime, nothing else. Boards have old Pythons, so it uses nothing
that is newer than 3.8 (`zip` has no `strict` there), and no name of edgekit's.

Exit code 0: done; 2: the bundle or the inputs are wrong; 3: the runtime is not installed here.
`result.json` then holds {"error": ...}.
"""
