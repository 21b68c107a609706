// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPaymentChannels} from "../interfaces/IPaymentChannels.sol";
import {TokenCustody} from "../libraries/TokenCustody.sol";
import {ChannelState} from "../types/ChannelState.sol";
import {ChannelConsent} from "./ChannelConsent.sol";
import {ChannelLedger} from "./ChannelLedger.sol";
import {Vouchers} from "./Vouchers.sol";

/// @title One deposit, many one-way channels
contract PaymentChannels is ChannelConsent {
    using Vouchers for bytes32;

    constructor(IERC20 token_, uint40 thawSeconds_) TokenCustody(token_) ChannelLedger(thawSeconds_) {}

    /// @inheritdoc IPaymentChannels
    function deposit(address payer, uint128 amount) external nonReentrant {
        _deposit(msg.sender, payer, amount);
    }

    /// @inheritdoc IPaymentChannels
    function withdraw(uint128 amount) external nonReentrant {
        _withdraw(msg.sender, amount);
    }

    /// @inheritdoc IPaymentChannels
    function allocate(address payee, uint128 total, address signer) external {
        _allocate(msg.sender, payee, total, signer, _channels[payee][msg.sender]);
    }

    /// @inheritdoc IPaymentChannels
    function thaw(address payee) external {
        _thaw(msg.sender, payee, _open(msg.sender, payee));
    }

    /// @inheritdoc IPaymentChannels
    function deallocate(address payee) external {
        _deallocate(msg.sender, payee, _open(msg.sender, payee));
    }

    /// @inheritdoc IPaymentChannels
    function collect(
        Voucher calldata voucher,
        bytes calldata signature
    ) external nonReentrant returns (uint128 paid) {
        (address payer, address payee, uint64 epoch) = (voucher.payer, voucher.payee, voucher.epoch);
        ChannelState state = _open(payer, payee);
        if (epoch != state.epoch()) revert WrongEpoch(epoch, state.epoch());
        address recovered = _digest(voucher, _domainSeparatorV4()).recover(signature);
        bytes4 reason;
        (paid, reason) = _redeem(payer, payee, voucher.cumulative, recovered, state);
        if (reason == WrongSigner.selector) revert WrongSigner(recovered, _signerOf(payer, payee, state));
        if (reason != 0) revert NothingToCollect(voucher.cumulative, state.collected());
        _payOut(payee, paid);
    }

    /// @inheritdoc IPaymentChannels
    function collectMany(
        Voucher[] calldata vouchers,
        bytes[] calldata signatures
    ) external nonReentrant returns (uint128 paid) {
        uint256 count = vouchers.length;
        if (count != signatures.length || count == 0) revert LengthMismatch(count, signatures.length);
        address payee = vouchers[0].payee;
        bytes32 domain = _domainSeparatorV4();
        for (uint256 i = 0; i < count; ++i) {
            Voucher calldata v = vouchers[i];
            if (v.payee != payee) revert DifferentPayee(v.payee, payee);
            ChannelState state = _channels[payee][v.payer];
            uint128 part;
            bytes4 reason = WrongEpoch.selector;
            if (!state.isOpen()) reason = ChannelClosed.selector;
            else if (v.epoch == state.epoch()) {
                address recovered = _digest(v, domain).recover(signatures[i]);
                (part, reason) = _redeem(v.payer, payee, v.cumulative, recovered, state);
            }
            if (reason == 0) paid += part;
            else emit VoucherSkipped(v.payer, payee, v.epoch, v.cumulative, reason);
        }
        _payOut(payee, paid);
    }

    /// @inheritdoc IPaymentChannels
    function collectCompact(
        address payee,
        CompactVoucher[] calldata vouchers
    ) external nonReentrant returns (uint128 paid) {
        bytes32 domain = _domainSeparatorV4();
        for (uint256 i = 0; i < vouchers.length; ++i) {
            CompactVoucher calldata v = vouchers[i];
            (address payer, uint128 cumulative) = (v.payer, v.cumulative);
            ChannelState state = _channels[payee][payer];
            uint128 part;
            bytes4 reason = ChannelClosed.selector;
            if (state.isOpen()) {
                bytes32 digest = Vouchers.digest(domain, payer, payee, state.epoch(), cumulative);
                (part, reason) = _redeem(payer, payee, cumulative, digest.recover(v.r, v.vs), state);
            }
            if (reason == 0) paid += part;
            else emit VoucherSkipped(payer, payee, state.epoch(), cumulative, reason);
        }
        _payOut(payee, paid);
    }

    /// @inheritdoc IPaymentChannels
    function voucherDigest(Voucher calldata voucher) external view returns (bytes32) {
        return _digest(voucher, _domainSeparatorV4());
    }

    /// @dev Books what a voucher brings in its open channel, for the caller to pay out; or says why it brings nothing.
    function _redeem(
        address payer,
        address payee,
        uint128 cumulative,
        address recovered,
        ChannelState state
    ) private returns (uint128 paid, bytes4 reason) {
        if (recovered != _signerOf(payer, payee, state)) return (0, WrongSigner.selector);
        (uint128 total, uint128 collected) = (state.allocated(), state.collected());
        if (cumulative < total) total = cumulative;
        if (total <= collected) return (0, NothingToCollect.selector);
        _channels[payee][payer] = state.withCollected(total);
        unchecked {
            paid = total - collected;
        }
        emit Collected(payer, payee, state.epoch(), paid, total);
    }

    function _digest(Voucher calldata v, bytes32 domain) private pure returns (bytes32) {
        return Vouchers.digest(domain, v.payer, v.payee, v.epoch, v.cumulative);
    }
}
