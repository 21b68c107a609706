// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IPaymentChannels} from "../interfaces/IPaymentChannels.sol";
import {TokenCustody} from "../libraries/TokenCustody.sol";

/// @title One deposit, many one-way channels
contract PaymentChannels is IPaymentChannels, TokenCustody, EIP712 {
    using SafeERC20 for IERC20;

    bytes32 private constant VOUCHER_TYPEHASH = keccak256(
        "Voucher(address payer,address payee,uint64 epoch,uint128 cumulative)"
    );

    /// @inheritdoc IPaymentChannels
    uint40 public immutable thawSeconds;

    /// @inheritdoc IPaymentChannels
    mapping(address payer => uint256) public balance;
    mapping(address payer => mapping(address payee => Account)) private _accounts;

    constructor(
        IERC20 token_,
        uint40 thawSeconds_
    ) TokenCustody(token_) EIP712("Teahouse PaymentChannels", "1") {
        thawSeconds = thawSeconds_;
    }

    /// @inheritdoc IPaymentChannels
    function deposit(address payer, uint128 amount) external nonReentrant {
        if (amount == 0) revert ZeroAmount();
        if (payer == address(0)) revert ZeroAddress();
        uint256 free = balance[payer] + amount;
        balance[payer] = free;
        emit Deposited(payer, msg.sender, amount, free);
        _takeIn(msg.sender, amount);
    }

    /// @inheritdoc IPaymentChannels
    function withdraw(uint128 amount) external nonReentrant {
        if (amount == 0) revert ZeroAmount();
        uint256 free = _spend(amount);
        emit Withdrawn(msg.sender, amount, free);
        token.safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IPaymentChannels
    function allocate(address payee, uint128 total, address signer) external {
        if (payee == address(0)) revert ZeroAddress();
        if (signer == address(0)) revert ZeroSigner();
        Account storage acc = _accounts[msg.sender][payee];
        address pinned = acc.signer;
        uint128 allocated = acc.allocated;
        if (pinned != address(0) && signer != pinned) revert SignerPinned(payee, signer, pinned);
        if (total == 0) revert ZeroAmount();
        if (total < allocated) revert AllocationOnlyGrows(payee, total, allocated);

        uint32 epoch = acc.epoch;
        if (pinned == address(0)) acc.epoch = ++epoch;
        acc.signer = signer;
        acc.thawingUntil = 0;
        acc.allocated = total;
        uint256 free = _spend(total - allocated);
        emit Allocated(msg.sender, payee, epoch, total, signer, free);
    }

    /// @inheritdoc IPaymentChannels
    function thaw(address payee) external {
        Account storage acc = _open(payee);
        if (acc.thawingUntil != 0) revert AlreadyThawing(payee, acc.thawingUntil);
        uint40 until = uint40(block.timestamp) + thawSeconds;
        acc.thawingUntil = until;
        emit Thawing(msg.sender, payee, acc.epoch, until);
    }

    /// @inheritdoc IPaymentChannels
    function deallocate(address payee) external {
        Account storage acc = _open(payee);
        uint40 until = acc.thawingUntil;
        if (until == 0 || block.timestamp < until) revert NotThawed(payee, until);

        uint128 returned = acc.allocated - acc.collected;
        uint256 free = balance[msg.sender] + returned;
        balance[msg.sender] = free;
        // The epoch stays: no voucher of this one is ever good again.
        acc.allocated = 0;
        acc.collected = 0;
        acc.signer = address(0);
        acc.thawingUntil = 0;
        emit Deallocated(msg.sender, payee, acc.epoch, returned, free);
    }

    /// @inheritdoc IPaymentChannels
    function collect(
        Voucher calldata voucher,
        bytes calldata signature
    ) external nonReentrant returns (uint128 paid) {
        bytes4 reason;
        address recovered;
        (paid, reason, recovered) = _redeem(voucher, signature, _domainSeparatorV4());
        if (reason != 0) _refuse(reason, recovered, voucher);
        _payOut(voucher.payee, paid);
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
            Voucher calldata voucher = vouchers[i];
            if (voucher.payee != payee) revert DifferentPayee(voucher.payee, payee);
            (uint128 part, bytes4 reason, ) = _redeem(voucher, signatures[i], domain);
            if (reason == 0) paid += part;
            else emit VoucherSkipped(voucher.payer, payee, voucher.epoch, voucher.cumulative, reason);
        }
        _payOut(payee, paid);
    }

    /// @inheritdoc IPaymentChannels
    function account(address payer, address payee) external view returns (Account memory) {
        return _accounts[payer][payee];
    }

    /// @inheritdoc IPaymentChannels
    function voucherDigest(Voucher calldata voucher) external view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(_domainSeparatorV4(), _hash(voucher));
    }

    /// @dev Takes `amount` off the caller's free balance.
    function _spend(uint256 amount) private returns (uint256 free) {
        free = balance[msg.sender];
        if (amount > free) revert InsufficientBalance(msg.sender, amount, free);
        free -= amount;
        balance[msg.sender] = free;
    }

    /// @dev The caller's open channel with `payee`.
    function _open(address payee) private view returns (Account storage acc) {
        acc = _accounts[msg.sender][payee];
        if (acc.signer == address(0)) revert ChannelClosed(msg.sender, payee);
    }

    /// @dev Books what `voucher` brings, for the caller to pay out; or says why it brings nothing, 0 if it does.
    function _redeem(
        Voucher calldata voucher,
        bytes calldata signature,
        bytes32 domain
    ) private returns (uint128 paid, bytes4 reason, address recovered) {
        Account storage acc = _accounts[voucher.payer][voucher.payee];
        (address signer, uint32 epoch) = (acc.signer, acc.epoch);
        if (signer == address(0)) return (0, ChannelClosed.selector, recovered);
        if (voucher.epoch != epoch) return (0, WrongEpoch.selector, recovered);
        // Zero if the signature is malformed, which no signer is.
        (recovered, , ) = ECDSA.tryRecoverCalldata(
            MessageHashUtils.toTypedDataHash(domain, _hash(voucher)),
            signature
        );
        if (recovered != signer) return (0, WrongSigner.selector, recovered);

        (uint128 total, uint128 collected) = (acc.allocated, acc.collected);
        if (voucher.cumulative < total) total = voucher.cumulative;
        if (total <= collected) return (0, NothingToCollect.selector, recovered);
        acc.collected = total;
        unchecked {
            paid = total - collected;
        }
        emit Collected(voucher.payer, voucher.payee, epoch, paid, total);
    }

    function _refuse(bytes4 reason, address recovered, Voucher calldata voucher) private view {
        Account storage acc = _accounts[voucher.payer][voucher.payee];
        if (reason == ChannelClosed.selector) revert ChannelClosed(voucher.payer, voucher.payee);
        if (reason == WrongEpoch.selector) revert WrongEpoch(voucher.epoch, acc.epoch);
        if (reason == WrongSigner.selector) revert WrongSigner(recovered, acc.signer);
        revert NothingToCollect(voucher.cumulative, acc.collected);
    }

    /// @dev EIP-712 struct hash. A voucher lies in calldata as it is encoded; reading its fields has checked their ranges.
    function _hash(Voucher calldata voucher) private pure returns (bytes32 structHash) {
        bytes32 typehash = VOUCHER_TYPEHASH;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typehash)
            calldatacopy(add(free, 0x20), voucher, 0x80)
            structHash := keccak256(free, 0xa0)
        }
    }
}
