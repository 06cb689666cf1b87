// Options of OneTrainer that change nothing of what is learnt, or are told with another.
import { ignored, type Rows } from '../mapping.ts'

const whole =
  'debug_mode debug_dir workspace_dir cache_dir huggingface_cache_dir offline_mode tensorboard tensorboard_expose tensorboard_always_on ' +
  'tensorboard_port validation continue_last_backup prevent_overwrites include_train_config multi_gpu device_indexes gradient_reduce_precision ' +
  'fused_gradient_reduce async_gradient_reduce async_gradient_reduce_buffer output_model_format async_offloading compile latent_caching ' +
  'clear_cache_before_training dataloader_threads train_device temp_device fallback_train_dtype enable_autocast_cache only_cache frames ' +
  'attention_mechanism vb_loss_strength loss_scaler sample_definition_file_name samples sample_after sample_after_unit sample_skip_first ' +
  'sample_image_format sample_video_format sample_audio_format samples_to_tensorboard non_ema_sampling backup_after backup_after_unit ' +
  'rolling_backup rolling_backup_count backup_before_save save_skip_first save_filename_prefix optimizer_defaults secrets cloud ' +
  'embedding_weight_dtype lora_weight_dtype bundle_additional_embeddings ' +
  'lora_decompose_norm_epsilon scheduler_params custom_learning_rate_scheduler config_version __version text_encoder_sequence_length ' +
  'text_encoder_2_sequence_length quantization dynamic_timestep_shifting custom_conditioning_image learning_rate_cycles lokr_vec_trick concepts'

/** Of each part of a model: how it lies in memory, and what only other families have. */
const parts = ['unet', 'text_encoder', 'text_encoder_2', 'vae']
const ofPart =
  'model_name include train stop_training_after stop_training_after_unit learning_rate weight_dtype dropout_probability train_embedding ' +
  'attention_mask guidance_scale gradient_checkpointing offload_fraction activation_offloading __version'

export const ignoredRows: Rows = Object.fromEntries(
  [...whole.split(' '), ...parts.flatMap((part) => ofPart.split(' ').map((name) => `${part}.${name}`))].map((name) => [name, ignored]),
)
