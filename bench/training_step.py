#!/usr/bin/env python3
"""Training step of ResNet-20 (batch 128, 32x32 images, two threads): Tandem.Learning against PyTorch, in turns.

    dotnet build bench/TrainingStep -c Release
    bench/training_step.py [--turns 15] [--steps 3] [--threads 2] [--channels-last] [--check-only] [--seeds 8]

First it checks one step from equal weights, with several seeds, in the blocked and in the plain layout, and ends with exit code 1 where
one does not agree to 1e-4:

* the parameters after the step with PyTorch's, always (norm of the difference of all parameters, relative to that of PyTorch's);
* the step itself (what it changes the parameters by) with one in double precision by PyTorch, in one seed at least for each layout. Of the
  activations of a batch a few may lie so near to Relu's zero that rounding puts them on the other side, in PyTorch as in any engine;
  errors are about 2e-6 where that has not happened and about 1e-3 where it has, and nothing lies between.

Then it prints the ratios of images per second and of processor time (above 1: Tandem is faster), and of peak memory. Each engine has a
process of its own, which sleeps while the other has its turn. --channels-last gives PyTorch its faster layout. Without PyTorch
(Debian: python3-torch) it says so and ends.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

BATCH = 128
CHECKED_BATCH = 32
LIMIT = 1e-4


def network(torch):
    """ResNet-20 with 1x1 convolutions as shortcuts."""
    nn, functional = torch.nn, torch.nn.functional

    class Block(nn.Module):
        def __init__(self, inputs, outputs, stride):
            super().__init__()
            self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
            self.norm1 = nn.BatchNorm2d(outputs)
            self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
            self.norm2 = nn.BatchNorm2d(outputs)
            self.shortcut = None
            if inputs != outputs:
                self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

        def forward(self, x):
            y = self.norm2(self.conv2(functional.relu(self.norm1(self.conv1(x)))))
            return functional.relu(y + (x if self.shortcut is None else self.shortcut(x)))

    class ResNet20(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
            self.norm = nn.BatchNorm2d(16)
            blocks, inputs = [], 16
            for outputs in (16, 32, 64):
                for _ in range(3):
                    blocks.append(Block(inputs, outputs, 1 if inputs == outputs else 2))
                    inputs = outputs
            self.blocks = nn.Sequential(*blocks)
            self.classifier = nn.Linear(64, 10)

        def forward(self, x):
            y = self.blocks(functional.relu(self.norm(self.conv(x))))
            return self.classifier(y.mean((2, 3)))

    torch.manual_seed(1)
    return ResNet20().train()


def peak_kilobytes():
    with open("/proc/self/status", encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1])


def serve(threads, batch, channels_last, double):
    """PyTorch's side: the same commands as bench/TrainingStep."""
    import numpy
    import torch
    torch.set_num_threads(threads)
    model = network(torch)
    images = torch.zeros(batch, 3, 32, 32)
    labels = torch.zeros(batch, dtype=torch.long)
    if channels_last:
        model, images = model.to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last)
    if double:
        model, images = model.double(), images.double()

    def sgd():
        return torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)

    optimizer = sgd()
    print("ready", flush=True)
    for line in sys.stdin:
        words = line.split()
        answer = "ok"
        if words[0] == "images":
            images.copy_(torch.from_numpy(numpy.fromfile(words[1], numpy.float32)).reshape(images.shape))
        elif words[0] == "labels":
            labels.copy_(torch.from_numpy(numpy.fromfile(words[1], numpy.float32)))
        elif words[0] == "parameters":
            start, all_numbers = 0, torch.from_numpy(numpy.fromfile(words[1], numpy.float32))
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter.copy_(all_numbers[start:start + parameter.numel()].reshape(parameter.shape))
                    start += parameter.numel()
            optimizer = sgd()
        elif words[0] == "save":
            numpy.concatenate([p.detach().double().numpy().ravel() for p in model.parameters()]).astype(numpy.float32).tofile(words[1])
        elif words[0] == "memory":
            answer = str(peak_kilobytes())
        elif words[0] == "steps":
            optimizer.param_groups[0]["lr"] = float(words[2])
            start, processor = time.perf_counter(), time.process_time()
            for _ in range(int(words[1])):
                optimizer.zero_grad()
                loss = torch.nn.functional.cross_entropy(model(images), labels)
                loss.backward()
                optimizer.step()
            answer = f"{loss.item()} {(time.perf_counter() - start) * 1e3} {(time.process_time() - processor) * 1e3}"
        print(answer, flush=True)


class Engine:
    """A process that answers each line with a line."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            sys.exit(f"{command[0]} did not start")

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def times(self, steps, rate):
        """Milliseconds of a step: by the clock, and of all processors."""
        _, clock, processor = self.ask(f"steps {steps} {rate}").split()
        return float(clock) / steps, float(processor) / steps

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def torch_engine(arguments, batch, *options):
    """This file as PyTorch's process."""
    return Engine([sys.executable, os.path.abspath(__file__), "--serve-torch", "--threads", str(arguments.threads), "--batch", str(batch), *options])


def tandem_engine(arguments, batch, *options):
    program = next(pathlib.Path(__file__).parent.glob("TrainingStep/bin/Release/net*/TrainingStep.dll"), None)
    if program is None:
        sys.exit("build it first: dotnet build bench/TrainingStep -c Release")
    return Engine(["dotnet", str(program), str(arguments.threads), str(batch), *options])


def write_batch(paths, count, seed):
    """Random images and labels."""
    import numpy
    draw = numpy.random.default_rng(seed)
    draw.standard_normal((count, 3, 32, 32), dtype=numpy.float32).tofile(paths["images"])
    draw.integers(0, 10, count).astype(numpy.float32).tofile(paths["labels"])


def check_first_steps(arguments):
    """One step from equal weights, in each engine and layout and in double precision, for each seed."""
    import numpy
    norm = numpy.linalg.norm
    names = ("blocked", "plain", "PyTorch", "double")
    engines = (
        tandem_engine(arguments, CHECKED_BATCH), tandem_engine(arguments, CHECKED_BATCH, "--plain"),
        torch_engine(arguments, CHECKED_BATCH), torch_engine(arguments, CHECKED_BATCH, "--double"))
    worst_parameters, best_steps = 0.0, [float("inf")] * 2
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: os.path.join(folder, name) for name in ("images", "labels", "parameters", "saved")}
        engines[2].ask(f"save {paths['parameters']}")
        before = numpy.fromfile(paths["parameters"], numpy.float32)
        for seed in range(arguments.seeds):
            write_batch(paths, CHECKED_BATCH, seed)
            losses, after = [], []
            for engine in engines:
                for name in ("images", "labels", "parameters"):
                    engine.ask(f"{name} {paths[name]}")
                losses.append(float(engine.ask("steps 1 0.1").split()[0]))
                engine.ask(f"save {paths['saved']}")
                after.append(numpy.fromfile(paths["saved"], numpy.float32))
            apart = [norm(after[i] - after[2]) / norm(after[2]) for i in range(2)]
            errors = [norm(after[i] - after[3]) / norm(after[3] - before) for i in range(3)]
            print(f"seed {seed}: parameters are off PyTorch's by {apart[0]:.1e} (blocked) and {apart[1]:.1e} (plain); the step is off double precision "
                  f"by " + ", ".join(f"{e:.1e} ({n})" for e, n in zip(errors, names)) + f"; loss {losses[0]:.6f}, {losses[1]:.6f}, {losses[2]:.6f}, {losses[3]:.6f}")
            worst_parameters = max(worst_parameters, *apart)
            best_steps = [min(best, error) for best, error in zip(best_steps, errors)]
    for engine in engines:
        engine.close()
    return worst_parameters, best_steps


def compare(tandem, torch, arguments):
    """Turns of a few steps each."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: os.path.join(folder, name) for name in ("images", "labels")}
        write_batch(paths, BATCH, 0)
        for engine in (tandem, torch):
            for name, path in paths.items():
                engine.ask(f"{name} {path}")
    ratios, best = ([], []), [[float("inf")] * 2, [float("inf")] * 2]
    for turn in range(arguments.turns + 1):
        order = (tandem, torch) if turn % 2 else (torch, tandem)
        times = {engine: engine.times(arguments.steps, 0.01) for engine in order}
        if turn == 0:
            continue
        for kind in range(2):
            ratios[kind].append(times[torch][kind] / times[tandem][kind])
            best[kind] = [min(best[kind][0], times[tandem][kind]), min(best[kind][1], times[torch][kind])]
    for kind, name in enumerate(("images per second", "processor time, PyTorch / Tandem")):
        print(f"{name}{', Tandem / PyTorch' if kind == 0 else ''}: median {statistics.median(ratios[kind]):.2f} "
              f"({min(ratios[kind]):.2f} to {max(ratios[kind]):.2f} over {len(ratios[kind])} turns), of the best turns "
              f"{best[kind][1] / best[kind][0]:.2f} ({best[kind][0]:.0f} and {best[kind][1]:.0f} ms)")
    memory = [int(engine.ask("memory")) for engine in (tandem, torch)]
    print(f"peak memory, Tandem / PyTorch: {memory[0] / memory[1]:.2f} ({memory[0] // 1024} and {memory[1] // 1024} MiB)")
    tandem.ask("evaluate")
    print(f"the same after an evaluation: {int(tandem.ask('memory')) // 1024} MiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--steps", type=int, default=3, help="steps in each turn")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=8, help="seeds that are checked; 0 for no check")
    parser.add_argument("--check-only", action="store_true", help="check the first step and end")
    parser.add_argument("--channels-last", action="store_true", help="PyTorch's faster layout")
    parser.add_argument("--batch", type=int, default=BATCH, help=argparse.SUPPRESS)
    parser.add_argument("--double", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--serve-torch", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve_torch:
        serve(arguments.threads, arguments.batch, arguments.channels_last, arguments.double)
        return
    try:
        import torch  # noqa: F401
    except ImportError:
        print("skipped: PyTorch is not installed for this Python (Debian: python3-torch)")
        return
    if arguments.seeds:
        parameters, steps = check_first_steps(arguments)
        print(f"parameters at most {parameters:.1e}; steps where rounding has decided nothing {steps[0]:.1e} (blocked) and {steps[1]:.1e} (plain)")
        if max(parameters, *steps) > LIMIT:
            sys.exit(f"Tandem's step does not agree with PyTorch's to {LIMIT}")
    if not arguments.check_only:
        engines = (
            tandem_engine(arguments, BATCH),
            torch_engine(arguments, BATCH, *(["--channels-last"] if arguments.channels_last else [])))
        compare(*engines, arguments)
        for engine in engines:
            engine.close()


if __name__ == "__main__":
    main()
