// A spectrum during a training of one's own: gradient descent on all digits at once.
//
// Gradient descent is stable while the largest eigenvalue of the Hessian is below 2 / step size, which it tends to grow
// towards (Cohen et al. 2021, arXiv:2103.00065). Here it grows at first, and falls with the loss once most digits
// are right. Prints a line every 50 steps.
import Basin

let stepSize = 0.1

// A network with random weights and the training digits, normalised as a training would.
var plan = TrainingPlan(data: "digits", architecture: "mlp-32-32")
plan.validation = 0
let model = try plan.untrained()
let risk = try model.risk()

// The largest eigenvalue alone: the run ends when it has converged.
var settings = SpectrumConfiguration()
settings.top = 1
settings.bottom = 0
settings.probes = 0
settings.traceSamples = 0
settings.tolerance = 1e-3

var point = model.point
print("step      loss   lambda1     bound   (stable below \(2 / stepSize))")
for step in 0...300 {
  let (value, gradient) = try risk.gradient(at: point)
  if step.isMultiple(of: 50) {
    let spectrum = try model.at(point).spectrum(settings, in: nil).summary.spectrum
    let lambda = spectrum.largest[0]
    print(
      pad("\(step)", 4), pad(short(value.loss), 9), pad(short(lambda.value), 9),
      pad(short(spectrum.bound(of: lambda)), 9))
  }
  point.weights.elements.add(gradient, scaledBy: Float(-stepSize))
}

func short(_ number: Double) -> String { "\((number * 10_000).rounded() / 10_000)" }
func pad(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}
