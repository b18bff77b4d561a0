"""What other codebases need today, and what TODAY gives back: for exports' READMEs.

Run at Hxyz-123/Font-diff@44d29cf, ecnuycxie/DG-Font@d275d16, wangchi95/CF-Font@75280ca,
clovaai/fewshot-font-generation@9d2b6ac, EuphoriaYan/zi2zi-pytorch@0e9f3dd,
yeungchenwa/FontDiffuser@7b28ce9, junyanz/pytorch-CycleGAN-and-pix2pix@9f8f61e,
NVlabs/MUNIT@a82e222, mingyuliutw/UNIT@28d5982, tlc121/FsFont@2ef5c60,
Janspiry/Palette-Image-to-Image-Diffusion-Models@136b29f and jychoi118/ilvr_adm@9b84f26.
"""

DIFF_FONT = """\
It needs attrdict blobfile pyyaml. TODAY gives attrdict the names that collections dropped in Python
3.10, and is mpi4py for one process where that is not installed. utils/resample.py uses np.int,
which TODAY gives back. PYTHONUTF8=1 where the locale is not UTF-8: it opens files in the locale's.
"""

DG_FONT = """\
It needs tensorboardX tqdm scipy; CF-Font pandas kornia scikit-image opencv-python too. TODAY
lets its folder datasets/, which has no __init__.py, win over an installed package of that name, and
is DCN, an extension for PyTorch 1.0 that does not compile with today's, by
torchvision.ops.deform_conv2d or, where that is not compiled, in plain torch.
"""

FONTDIFFUSER = """\
requirements.txt pins diffusers 0.22 and transformers 4.33 for Python 3.9; with them go
huggingface_hub below 0.26 (diffusers imports its cached_download) and numpy below 2. None of its
scripts makes the SCR weights that phase 2 loads (--scr_ckpt_path).
"""

FFG = """\
It needs sconf scikit-image tqdm tensorboard. Of its requirements.txt leave jsonlib-python3 out,
which nothing of it imports. Reading TTF files calls Pillow's getsize, gone since Pillow 10; the
PNGs of this export do not need it. A batch of one stops at batch normalisation, but in LF's second
phase.
"""

ZI2ZI = """\
It needs matplotlib tqdm. TODAY gives back Image.ANTIALIAS, which Pillow 10 dropped.
"""

CYCLEGAN = """\
CycleGAN and pix2pix need dominate; without a GPU add --gpu_ids -1. MUNIT and UNIT need tensorboardX
and scipy; TODAY gives yaml.load its old default and has a load_lua, which they call only with vgg_w
above 0. ILVR needs blobfile; TODAY is mpi4py and gives save_image its range.
"""

PALETTE = """\
It needs opencv-python tensorboardX clean-fid "pandas<3": its log writes into the arrays of a table,
which pandas 3 forbids; what it says then is that Palette() is not recognized. TODAY gives back
np.str.
"""

FS_FONT = """\
It needs paddlepaddle (it is written for Paddle, not for PyTorch) lmdb sconf opencv-python tqdm
tensorboard. Without a GPU TODAY lets set_device('gpu'), .to('gpu') and .cuda() of Paddle mean the
CPU.
"""
