"""What breaks in the other codebases on today's Python, and what mends it: for exports' READMEs.

Read in their code at Hxyz-123/Font-diff@44d29cf, ecnuycxie/DG-Font@d275d16,
yeungchenwa/FontDiffuser@7b28ce9 and clovaai/fewshot-font-generation@9d2b6ac.
"""

DIFF_FONT = """\
attrdict stops at import since Python 3.10. Above its import in train.py and sample.py:
  import collections, collections.abc
  for name in ('Mapping', 'MutableMapping', 'Sequence'):
      setattr(collections, name, getattr(collections.abc, name))
mpi4py is imported also for one process and needs an MPI library (Debian: apt-get install
libopenmpi-dev before pip install mpi4py). Of its list of packages 'sklearn' is scikit-learn and
'yaml' is pyyaml. utils/resample.py uses np.int, which numpy 1.24 dropped: keep schedule_sampler at
uniform.
"""

DG_FONT = """\
Its folder datasets/ has no __init__.py, so that an installed package of that name (Hugging Face
datasets) is imported in its place: touch datasets/__init__.py
functions/modulated_deform_conv_func.py imports DCN, an extension for PyTorch 1.0 that does not
compile with today's. torchvision.ops.deform_conv2d(input, offset, weight, bias, stride, padding,
dilation, mask) is the same operation: call it in both forward() of
modules/modulated_deform_conv.py and leave the import out. Of its list of packages 'sklearn' is
scikit-learn.
"""

FONTDIFFUSER = """\
requirements.txt pins diffusers 0.22 and transformers 4.33 for Python 3.9; with them go
huggingface_hub below 0.26 (diffusers imports its cached_download) and numpy below 2. None of its
scripts makes the SCR weights that phase 2 loads (--scr_ckpt_path).
"""

FFG = """\
Of requirements.txt leave jsonlib-python3 out, which nothing of it imports. The evaluator
(evaluator/cutmix.py) uses np.int, which numpy 1.24 dropped. Reading TTF files calls Pillow's
getsize, gone since Pillow 10; the PNGs of this export do not need it.
"""
