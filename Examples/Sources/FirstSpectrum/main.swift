// The ten lines of the documentation's first article, for the checkpoint model.ckpt in the current folder.
import Basin

let model = try OpenedModel("model.ckpt", ModelConfiguration(samples: 500))
var settings = SpectrumConfiguration()
settings.steps = 40
settings.top = 5
let folder = try RunFolder("hessian")
let run = try model.spectrum(settings, in: folder)
let spectrum = run.summary.spectrum
for value in spectrum.largest { print(value.value, "±", spectrum.bound(of: value)) }
print(try FigureFiles().write(spectra: [run], to: folder))
