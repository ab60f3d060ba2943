#!/usr/bin/env python3
"""Training step of ResNet-20 (batch 128, 32x32 images, two threads): bench/TrainingStep against PyTorch, in turns.

    dotnet build bench/TrainingStep -c Release
    bench/training_step.py [--turns 15] [--steps 3] [--threads 2]

Prints how far the parameters are apart after one step from equal weights, then the ratio of images per second (above 1: Tandem is
faster) and of peak memory. Each engine has a process of its own, which sleeps while the other has its turn. Without PyTorch
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


def serve(threads):
    """PyTorch's side: the same commands as bench/TrainingStep."""
    import numpy
    import torch
    torch.set_num_threads(threads)
    model = network(torch)
    images = torch.zeros(BATCH, 3, 32, 32)
    labels = torch.zeros(BATCH, dtype=torch.long)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    print("ready", flush=True)
    for line in sys.stdin:
        words = line.split()
        answer = "ok"
        if words[0] == "images":
            images.copy_(torch.from_numpy(numpy.fromfile(words[1], numpy.float32)).reshape(images.shape))
        elif words[0] == "labels":
            labels.copy_(torch.from_numpy(numpy.fromfile(words[1], numpy.float32)))
        elif words[0] == "save":
            numpy.concatenate([p.detach().numpy().ravel() for p in model.parameters()]).tofile(words[1])
        elif words[0] == "memory":
            answer = str(peak_kilobytes())
        elif words[0] == "steps":
            optimizer.param_groups[0]["lr"] = float(words[2])
            start = time.perf_counter()
            for _ in range(int(words[1])):
                optimizer.zero_grad()
                loss = torch.nn.functional.cross_entropy(model(images), labels)
                loss.backward()
                optimizer.step()
            answer = f"{loss.item()} {(time.perf_counter() - start) * 1e3}"
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

    def milliseconds(self, steps, rate):
        return float(self.ask(f"steps {steps} {rate}").split()[1])

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compare(tandem, torch, arguments):
    import numpy
    with tempfile.TemporaryDirectory() as folder:
        draw = numpy.random.default_rng(2)
        paths = {name: os.path.join(folder, name) for name in ("images", "labels", "parameters", "saved")}
        draw.standard_normal((BATCH, 3, 32, 32), dtype=numpy.float32).tofile(paths["images"])
        draw.integers(0, 10, BATCH).astype(numpy.float32).tofile(paths["labels"])
        torch.ask(f"save {paths['parameters']}")
        tandem.ask(f"parameters {paths['parameters']}")
        for engine in (tandem, torch):
            for name in ("images", "labels"):
                engine.ask(f"{name} {paths[name]}")
        before = numpy.fromfile(paths["parameters"], numpy.float32)
        steps, losses = [], []
        for engine in (tandem, torch):
            losses.append(float(engine.ask("steps 1 0.1").split()[0]))
            engine.ask(f"save {paths['saved']}")
            steps.append(numpy.fromfile(paths["saved"], numpy.float32) - before)
    apart = numpy.abs(steps[0] - steps[1]).max() / numpy.abs(steps[1]).max()
    print(f"first step: losses {losses[0]:.6f} and {losses[1]:.6f}; updates differ by {apart:.1e} of the largest")

    ratios, best = [], [float("inf")] * 2
    for turn in range(arguments.turns + 1):
        order = (tandem, torch) if turn % 2 else (torch, tandem)
        times = {engine: engine.milliseconds(arguments.steps, 0.01) / arguments.steps for engine in order}
        if turn == 0:
            continue
        ratios.append(times[torch] / times[tandem])
        best = [min(best[0], times[tandem]), min(best[1], times[torch])]
    print(f"images per second, Tandem / PyTorch: median {statistics.median(ratios):.2f} "
          f"({min(ratios):.2f} to {max(ratios):.2f} over {len(ratios)} turns), of the best turns {best[1] / best[0]:.2f}")
    memory = [int(engine.ask("memory")) for engine in (tandem, torch)]
    print(f"peak memory, Tandem / PyTorch: {memory[0] / memory[1]:.2f} ({memory[0] // 1024} and {memory[1] // 1024} MiB)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--steps", type=int, default=3, help="steps in each turn")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--serve-torch", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve_torch:
        serve(arguments.threads)
        return
    try:
        import torch  # noqa: F401
    except ImportError:
        print("skipped: PyTorch is not installed for this Python (Debian: python3-torch)")
        return
    program = next(pathlib.Path(__file__).parent.glob("TrainingStep/bin/Release/net*/TrainingStep.dll"), None)
    if program is None:
        sys.exit("build it first: dotnet build bench/TrainingStep -c Release")
    tandem = Engine(["dotnet", str(program), str(arguments.threads)])
    torch_engine = Engine([sys.executable, __file__, "--serve-torch", "--threads", str(arguments.threads)])
    compare(tandem, torch_engine, arguments)
    tandem.close()
    torch_engine.close()


if __name__ == "__main__":
    main()
