"""The text of `python -m kexp --help`."""

HELP = """\
kexp: experiments with neural networks, on NumPy and CuPy

Run an experiment:
  python -m kexp +experiment=xor
  python -m kexp +experiment=xor fit.epochs=100 optimizer=sgd optimizer.learning_rate=0.1
  python -m kexp -m +experiment=xor optimizer.learning_rate=0.1,0.01 seed=1,2,3     a job for each combination

Settings:
  key=value     change a value, or choose an option of a group (optimizer=sgd)
  +key=value    add what is not there yet: a layer, a callback, an argument
  ~key          remove: ~callbacks.early_stopping, ~model.layers.hidden_2

Verbs:
  check SETTINGS       say what is wrong, or what would run; reads no data
  show [KIND [NAME]]   the registered components, and a component's arguments
  plugins              the plugins: versions, hooks, components, problems
  help, --version

Options:
  -m, --multirun       run all combinations of key=a,b,c
  --cfg job            print the composed config instead of running it
  --info [TOPIC]       what Hydra merged: config, defaults, defaults-tree, plugins, searchpath
  --config-dir DIR     one more folder with configs, before ./conf
  --hydra-help         all of Hydra's options

Configs of your own: ./conf/experiment/NAME.yaml, with `# @package _global_` as the first line.
Tracebacks: KEXP_DEBUG=1. Exit codes: 1 the run failed, 2 the command or config is wrong."""
